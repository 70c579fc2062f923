import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { readPostmaster } from './postgres.ts';

/** Held by a running stack as an advisory lock; whoever finds it free beside a live server has found an orphan. */
export const STACK_LOCK = [54_321, 1] as const;

/**
 * Ends a server that an earlier, killed stack left behind in this cluster.
 * @throws when a living stack uses the cluster.
 */
export async function stopStalePostgres(cluster: string, adminPassword: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const found = readPostmaster(cluster);
    if (!found) return;
    if (!isOurServer(found.pid, cluster)) {
      rmSync(join(cluster, 'postmaster.pid'), { force: true });
      return;
    }
    if (await isLocked(found.port, adminPassword)) {
      throw new Error(
        `A stack is already running on this data directory (PostgreSQL is process ${found.pid}).`,
      );
    }
    if (Date.now() > deadline)
      throw new Error(`PostgreSQL (process ${found.pid}) of an earlier start does not end.`);
    signal(found.pid);
    await sleep(100);
  }
}

/** A server that is starting or stopping answers nothing: then nobody holds the lock. */
async function isLocked(port: number, password: string): Promise<boolean> {
  const sql = postgres({
    host: '127.0.0.1',
    port,
    user: 'supabase_admin',
    password,
    database: 'postgres',
    max: 1,
    connect_timeout: 3,
    onnotice: () => {},
  });
  try {
    const locks = await sql`
      select from pg_locks where locktype = 'advisory' and classid = ${STACK_LOCK[0]} and objid = ${STACK_LOCK[1]}`;
    return locks.length > 0;
  } catch (error) {
    // Someone is there, who has other secrets than this data directory: nothing to stop.
    return error instanceof postgres.PostgresError && error.code === '28P01';
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** A process id outlives its process: another program may carry it by now. */
function isOurServer(pid: number, cluster: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  return commandLine(pid).includes(cluster);
}

function commandLine(pid: number): string {
  const file = `/proc/${pid}/cmdline`;
  if (existsSync(file)) return readFileSync(file, 'utf8');
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', `${pid}`], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGINT');
  } catch {
    // It ended by itself in the meantime.
  }
}
