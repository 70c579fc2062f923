import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, closeSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLog } from './open-log.ts';
import type { OsAccount } from './os-account.ts';

export type PostgresOptions = {
  home: string;
  runtime: string;
  account: OsAccount | undefined;
  port: number;
  adminPassword: string;
  vaultKey: string;
  logFile: string;
  onCrash: () => void;
  onRestart: () => Promise<void>;
};

export type Postgres = { stop: () => Promise<void> };

/**
 * Makes the cluster if there is none, and runs the server until `stop`, or until this process dies. A server that
 * ends by itself is started again.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const cluster = join(options.home, 'cluster');
  if (!existsSync(cluster)) await initialize(options, cluster);
  let isStopping = false;
  let server = await launch(options, cluster);
  const keep = async () => {
    for (;;) {
      await server.ended;
      if (isStopping) return;
      options.onCrash();
      const next = await relaunch(options, cluster, () => isStopping);
      if (next === null) return;
      server = next;
      if (isStopping) await server.stop();
      else await options.onRestart();
    }
  };
  const kept = keep().catch(() => {});
  return {
    stop: async () => {
      isStopping = true;
      await server.stop();
      await kept;
    },
  };
}

type Server = { ended: Promise<void>; stop: () => Promise<void> };

async function launch(options: PostgresOptions, cluster: string): Promise<Server> {
  const server = run(options, 'postgres', ['-D', cluster, ...settings(options.port)]);
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const pid = server.pid;
  if (pid === undefined) throw new Error(`PostgreSQL could not be started; see ${options.logFile}`);
  const watchdog = watch(pid, options.account);
  void ended.then(() => watchdog.kill('SIGKILL'));
  await ready(cluster, server, options.logFile);
  const stop = async () => {
    server.kill('SIGINT');
    const late = setTimeout(() => server.kill('SIGQUIT'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(late);
  };
  return { ended, stop };
}

/** Until it is up: what a killed server left behind, its processes and shared memory, may be there a moment longer. */
async function relaunch(
  options: PostgresOptions,
  cluster: string,
  isStopping: () => boolean,
): Promise<Server | null> {
  while (!isStopping()) {
    try {
      return await launch(options, cluster);
    } catch {
      await sleep(RELAUNCH_MS);
    }
  }
  return null;
}

async function initialize(options: PostgresOptions, cluster: string): Promise<void> {
  const unfinished = `${cluster}.unfinished`;
  const passwordFile = join(options.home, 'password');
  rmSync(unfinished, { recursive: true, force: true });
  writeOwned(passwordFile, options.adminPassword, options.account);
  const locale = '--encoding=UTF8 --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C';
  const flags = `${locale} -U supabase_admin --auth=scram-sha-256 --no-sync --no-instructions`.split(' ');
  const initdb = run(options, 'initdb', [...flags, '-D', unfinished, `--pwfile=${passwordFile}`]);
  const code = await new Promise((resolve) => initdb.once('exit', resolve));
  rmSync(passwordFile, { force: true });
  if (code !== 0) throw new Error(`The database could not be made; see ${options.logFile}`);
  writeOwned(join(unfinished, 'supabase_vault.key'), options.vaultKey, options.account);
  renameSync(unfinished, cluster);
}

/** In a process group of its own, so that Ctrl-C in the terminal reaches only the parent. */
function run(options: PostgresOptions, program: string, args: string[]): ChildProcess {
  const log = openLog(options.logFile);
  const identity = options.account ? { uid: options.account.uid, gid: options.account.gid } : {};
  const child = spawn(join(options.runtime, 'bin', program), args, {
    cwd: options.home,
    detached: true,
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', log, log],
    ...identity,
  });
  closeSync(log);
  child.once('error', () => {});
  return child;
}

/** A shell that waits for the end of this process, even a SIGKILL, and then stops the server. */
function watch(pid: number, account: OsAccount | undefined): ChildProcess {
  const identity = account ? { uid: account.uid, gid: account.gid } : {};
  const script = 'read line; kill -INT "$1"';
  return spawn('/bin/sh', ['-c', script, 'sh', `${pid}`], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    ...identity,
  });
}

async function ready(cluster: string, server: ChildProcess, logFile: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (server.exitCode !== null || server.signalCode !== null) break;
    if (readPostmaster(cluster)?.ready && readPostmaster(cluster)?.pid === server.pid) return;
    await sleep(10);
  }
  server.kill('SIGQUIT');
  throw new Error(`PostgreSQL did not start; see ${logFile}`);
}

/** What a running (or killed) server left in its directory. */
export function readPostmaster(cluster: string): { pid: number; port: number; ready: boolean } | undefined {
  const file = join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, 'utf8').split('\n');
  return { pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

function writeOwned(file: string, text: string, account: OsAccount | undefined): void {
  writeFileSync(file, text, { mode: 0o600 });
  if (account) chownSync(file, account.uid, account.gid);
}

function settings(port: number): string[] {
  const values = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '256MB',
    effective_cache_size: '1GB',
    work_mem: '8MB',
    maintenance_work_mem: '64MB',
    max_wal_size: '1GB',
    checkpoint_timeout: '15min',
    random_page_cost: 1.1,
    jit: 'off',
    // Parallel workers take shared memory that containers do not have, and cores that the functions need.
    max_parallel_workers_per_gather: 0,
    wal_level: 'logical',
    // Writing and flushing in one step is quicker for the small commits that a call waits for, and as durable.
    ...(process.platform === 'linux' ? { wal_sync_method: 'open_datasync' } : {}),
    shared_preload_libraries: 'pg_stat_statements',
    // Utility statements keep their literals there: passwords among them.
    'pg_stat_statements.track_utility': 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] %u ',
    // Neither statements nor their values: both may hold what must not be in a file.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    log_parameter_max_length_on_error: 0,
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

const START_TIMEOUT_MS = 60_000;
const RELAUNCH_MS = 200;
const STOP_TIMEOUT_MS = 20_000;
