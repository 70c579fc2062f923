import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../local/free-port.ts';
import { resetStack } from '../local/reset.ts';
import { readReadyFile, type Ready } from './ready-file.ts';
import { repositoryRoot } from './run-command.ts';
import { readVariables } from './variables.ts';

export type RunningStack = {
  ready: Ready;
  readyFile: string;
  /** Of the process that has everything but PostgreSQL, the functions and the mailbox in it. */
  pid: number;
  /** Stops it and removes its data; with `keepLogs` the logs are copied there first. */
  stop: (keepLogs?: string) => Promise<void>;
};

const startTimeoutMs = 240_000;
const stopTimeoutMs = 30_000;

/**
 * Runs `npm start` as a user would, on a free port with data of its own, whatever `.env` says: a variable that is set
 * to nothing counts as not set. @throws with the end of its output when it does not get ready
 */
export async function runStack(environment: Record<string, string> = {}): Promise<RunningStack> {
  const directory = await mkdtemp(path.join(tmpdir(), 'kreative-hq-'));
  const readyFile = path.join(directory, 'ready.json');
  const logFile = path.join(directory, 'start.log');
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [path.join('scripts', 'start.ts')], {
    cwd: repositoryRoot,
    env: {
      ...process.env,
      // What a developer's `.env` sets is not taken over.
      ...Object.fromEntries(readVariables().map(({ name }) => [name, ''])),
      STACK_PORT: String(await freePort()),
      STACK_DATA_DIR: path.join(directory, 'data'),
      STACK_READY_FILE: readyFile,
      ...environment,
    },
    stdio: ['ignore', log, log],
  });
  const stop = async (keepLogs?: string): Promise<void> => {
    await end(child);
    if (keepLogs !== undefined) copyLogs(directory, keepLogs);
    // As root the database may live outside of the data directory.
    await resetStack(path.join(directory, 'data'));
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    const ready = await waitUntilReady(child, readyFile, logFile);
    return { ready, readyFile, pid: child.pid ?? 0, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function waitUntilReady(child: ChildProcess, readyFile: string, logFile: string): Promise<Ready> {
  const deadline = Date.now() + startTimeoutMs;
  while (!existsSync(readyFile)) {
    if (hasEnded(child)) throw new Error(`npm start ended:\n${readFileSync(logFile, 'utf8').slice(-4000)}`);
    if (Date.now() > deadline) {
      throw new Error(
        `npm start was not ready after ${startTimeoutMs / 1000} s:\n${readFileSync(logFile, 'utf8').slice(-4000)}`,
      );
    }
    await wait(100);
  }
  await wait(50); // The file may have been seen while it was being written.
  return readReadyFile(readyFile);
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  if ((await Promise.race([ended, wait(stopTimeoutMs, 'late', { ref: false })])) !== 'late') return;
  child.kill('SIGKILL');
  await ended;
}

function copyLogs(directory: string, target: string): void {
  mkdirSync(target, { recursive: true });
  for (const [from, to] of [
    ['start.log', 'start.log'],
    ['data/logs', 'stack'],
  ] as const) {
    const source = path.join(directory, from);
    if (existsSync(source)) cpSync(source, path.join(target, to), { recursive: true });
  }
}
