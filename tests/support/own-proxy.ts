import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { freePort } from '../../local/free-port.ts';
import { waitForPort } from '../../local/wait-for-port.ts';
import { readReady } from './ready.ts';

export type OwnProxy = {
  proxyUrl: string;
  output: () => string;
  /** Sends the signal and waits until the process has ended; one that ended already is fine. */
  end: (signal: 'SIGTERM' | 'SIGKILL') => Promise<void>;
};

/**
 * A proxy of the test's own on the stack's database, run as in production: `deno run` of the function, nothing around
 * it. For settings that the stack's do not have. It knows no master key: organizations use its sandbox.
 */
export async function startOwnProxy(environment: Record<string, string>): Promise<OwnProxy> {
  const { url, output, end } = await startOwnFunction('proxy', {
    PROXY_DATABASE_URL: readReady().adminDatabaseUrl,
    ENCRYPTION_KEYS: JSON.stringify({ test: randomBytes(32).toString('base64') }),
    ...environment,
  });
  return { proxyUrl: url, output, end };
}

export type OwnFunction = {
  url: string;
  output: () => string;
  hasEnded: () => boolean;
  /** Only sends it. */
  signal: (signal: 'SIGSTOP' | 'SIGCONT') => void;
  /** Sends the signal and waits until the process has ended; one that ended already is fine. */
  end: (signal: 'SIGTERM' | 'SIGKILL') => Promise<void>;
};

/** A process of one of the functions, with exactly this environment. @throws where it ends before it listens */
export async function startOwnFunction(
  slug: string,
  environment: Record<string, string>,
): Promise<OwnFunction> {
  const port = await freePort();
  const { child, output } = launch({ DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`, ...environment }, slug);
  const gaveUp = new AbortController();
  child.once('exit', () => gaveUp.abort(new Error(`The ${slug} ended:\n${output()}`)));
  await waitForPort(port, { signal: gaveUp.signal });
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    url: `http://127.0.0.1:${port}`,
    output,
    hasEnded,
    signal: (signal) => void child.kill(signal),
    end: async (signal) => {
      if (hasEnded()) return;
      child.kill(signal);
      await once(child, 'exit');
    },
  };
}

/** Starts the function with exactly this environment and answers what it said when it ended. */
export async function runFunction(
  slug: string,
  environment: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const { child, output } = launch(environment, slug);
  const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
  const [code] = z
    .tuple([z.number().nullable()])
    .rest(z.unknown())
    .parse(await once(child, 'exit'));
  clearTimeout(late);
  await wait(50); // Its last words may still be in the pipe.
  return { code, output: output() };
}

const root = path.resolve(import.meta.dirname, '../..');

function launch(
  environment: Record<string, string>,
  slug: string,
): { child: ChildProcess; output: () => string } {
  const functions = path.join(root, 'supabase/functions');
  const flags = [
    '--quiet',
    '--no-prompt',
    '--no-lock',
    '--no-remote',
    '--node-modules-dir=manual',
    '--allow-all',
  ];
  const config = ['--config', path.join(functions, 'deno.json')];
  const child = spawn(denoProgram(), ['run', ...flags, ...config, path.join(functions, slug, 'index.ts')], {
    cwd: root,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], DENO_NO_UPDATE_CHECK: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  return { child, output: () => output };
}

/** The native program: a wrapper would keep the signals to itself. */
function denoProgram(): string {
  const Deno = z.object({ runInstall: z.function({ input: [], output: z.string() }) });
  return Deno.parse(createRequire(import.meta.url)('deno/install_api.cjs')).runInstall();
}
