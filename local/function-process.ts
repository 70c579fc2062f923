import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import { freePort } from './free-port.ts';
import { openLog } from './open-log.ts';
import { waitForPort } from './wait-for-port.ts';

export type FunctionProgram = {
  slug: string;
  entrypoint: string;
  config: string | undefined;
  importMap: string | undefined;
  environment: Record<string, string>;
  logFile: string;
};

/** Why a function cannot answer now; where its log is, says more. */
class FunctionDown extends Error {}

export type FunctionProcess = {
  /** Requests that it is answering. */
  inFlight: number;
  /** In milliseconds of this process's clock. */
  lastUse: number;
  pid: () => number | undefined;
  port: () => number | undefined;
  /**
   * Its port, once it listens; starts it when it does not run.
   * @throws FunctionDown
   */
  ready: () => Promise<number>;
  stop: () => Promise<void>;
};

/** One process of one function. It is started on first use and again when it dies, later each time it fails soon. */
export function createFunctionProcess(program: FunctionProgram): FunctionProcess {
  let child: ChildProcess | undefined;
  let listening: Promise<number> | undefined;
  let port: number | undefined;
  let failures = 0;
  let notBefore = 0;
  let isStopped = false;

  const start = async (): Promise<number> => {
    const chosen = await freePort();
    if (isStopped) throw new FunctionDown(`Function ${program.slug} is being stopped.`);
    const started = launch(program, chosen);
    const ended = new AbortController();
    const startedAt = Date.now();
    child = started;
    started.once('exit', (code, signal) => {
      ended.abort(
        new FunctionDown(`Function ${program.slug} ended at boot (${signal ?? `exit code ${code}`}).`),
      );
      const wasListening = port === chosen;
      port = undefined;
      listening = undefined;
      child = undefined;
      if (isStopped) return;
      failures = Date.now() - startedAt > STABLE_MS ? 1 : failures + 1;
      const delay = failures === 1 ? 0 : Math.min(250 * 2 ** (failures - 2), 10_000);
      notBefore = Date.now() + delay;
      if (wasListening) setTimeout(() => void process.ready().catch(() => {}), delay);
    });
    await listens(chosen, started, ended.signal);
    port = chosen;
    return chosen;
  };

  const process: FunctionProcess = {
    inFlight: 0,
    lastUse: 0,
    pid: () => child?.pid,
    port: () => port,
    ready: async () => {
      if (isStopped) throw new FunctionDown(`Function ${program.slug} is being stopped.`);
      if (!listening && Date.now() < notBefore) {
        throw new FunctionDown(
          `Function ${program.slug} has failed ${failures} times and is tried again shortly.`,
        );
      }
      if (!listening) {
        const attempt = start();
        listening = attempt;
        attempt.catch(() => {
          if (listening === attempt) listening = undefined;
        });
      }
      return listening;
    },
    stop: async () => {
      isStopped = true;
      if (child) await end(child);
    },
  };
  return process;
}

function launch(program: FunctionProgram, port: number): ChildProcess {
  const log = openLog(program.logFile);
  const args = [
    'run',
    '--quiet',
    '--no-prompt',
    '--no-lock',
    '--no-remote',
    '--node-modules-dir=manual',
    '--allow-all',
  ];
  if (program.config !== undefined) args.push('--config', program.config);
  if (program.importMap !== undefined) args.push('--import-map', program.importMap);
  const child = spawn(denoProgram(), [...args, RUNNER, program.entrypoint], {
    detached: true,
    stdio: ['pipe', log, log],
    env: { ...program.environment, DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}` },
  });
  closeSync(log);
  child.once('error', () => child.emit('exit', null, 'SIGABRT'));
  return child;
}

/** A program that runs but never listens is ended, so that the next request tries anew. */
async function listens(port: number, child: ChildProcess, ended: AbortSignal): Promise<void> {
  try {
    await waitForPort(port, { signal: ended });
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(late);
}

/** The native program, not the wrapper in `.bin`, so that a process id is the function's own. */
function denoProgram(): string {
  return DenoPackage.parse(createRequire(import.meta.url)('deno/install_api.cjs')).runInstall();
}

const DenoPackage = z.object({ runInstall: z.function({ input: [], output: z.string() }) });

const RUNNER = join(import.meta.dirname, 'function-runner.ts');
const STABLE_MS = 10_000;
const STOP_TIMEOUT_MS = 8000;
