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
};

/** Runs PostgreSQL. @returns the superuser's connections; one of them holds the lock that says: this stack lives. */
export async function openDatabase(options: DatabaseOptions): Promise<postgres.Sql> {
  const { data, secrets, ports, shutdown, progress } = options;
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
  let server: Postgres | undefined;
  shutdown.add(async () => {
    lock?.release();
    await admin.end({ timeout: 2 });
    await server?.stop();
  });
  server = await startPostgres({
    home: data.postgresHome,
    runtime: await installPostgresRuntime(data.postgresHome),
    account: data.postgresAccount,
    port: ports.postgres,
    adminPassword: secrets.adminPassword,
    vaultKey: secrets.vaultKey,
    logFile: join(data.logsDir, 'postgres.log'),
    onCrash: () => progress('PostgreSQL ended unexpectedly and is started again'),
    onRestart: takeLock,
  });
  await takeLock();
  return admin;
}

export function connectionUrl(role: string, password: string, port: number): string {
  return `postgresql://${role}:${password}@127.0.0.1:${port}/postgres`;
}
