import { join } from 'node:path';
import postgres from 'postgres';
import type { DataDirectory } from './data-directory.ts';
import type { Ports } from './ports.ts';
import { installPostgresRuntime } from './postgres-runtime.ts';
import { startPostgres, type Postgres } from './postgres.ts';
import type { Secrets } from './secrets.ts';
import type { Shutdown } from './shutdown.ts';
import { STACK_LOCK } from './stale-postgres.ts';

export type DatabaseOptions = {
  data: DataDirectory;
  secrets: Secrets;
  ports: Ports;
  adminDatabaseUrl: string;
  shutdown: Shutdown;
  progress: (message: string) => void;
  onCrash: () => void;
};

/** Runs PostgreSQL. @returns the superuser's connections; one of them holds the lock that says: this stack lives. */
export async function openDatabase(options: DatabaseOptions): Promise<postgres.Sql> {
  const { shutdown } = options;
  const admin = postgres(options.adminDatabaseUrl, {
    max: 5,
    connection: { search_path: '"$user", public, auth, extensions' },
    onnotice: () => {},
  });
  let lock: postgres.ReservedSql | undefined;
  const takeLock = async () => {
    lock = await admin.reserve();
    await lock`select pg_advisory_lock(${STACK_LOCK[0]}, ${STACK_LOCK[1]})`;
  };
  const starting = startServer(options, takeLock);
  shutdown.add(async () => {
    lock?.release();
    await admin.end({ timeout: 2 });
    await (await starting.catch(() => undefined))?.stop();
  });
  await starting;
  await takeLock();
  return admin;
}

async function startServer(options: DatabaseOptions, onRestart: () => Promise<void>): Promise<Postgres> {
  const { data, secrets, ports, progress, onCrash } = options;
  return startPostgres({
    home: data.postgresHome,
    runtime: await installPostgresRuntime(data.postgresHome),
    account: data.postgresAccount,
    port: ports.postgres,
    adminPassword: secrets.adminPassword,
    vaultKey: secrets.vaultKey,
    logFile: join(data.logsDir, 'postgres.log'),
    onCrash: () => {
      progress('PostgreSQL ended unexpectedly and is started again');
      onCrash();
    },
    onRestart,
  });
}

export function connectionUrl(role: string, password: string, port: number): string {
  return `postgresql://${role}:${password}@127.0.0.1:${port}/postgres`;
}
