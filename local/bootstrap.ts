import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type postgres from 'postgres';
import { scramVerifier, type Secrets } from './secrets.ts';

/** Makes an empty database into what hosted Supabase's is before the first migration; changes nothing later. */
export async function bootstrap(admin: postgres.Sql, secrets: Secrets): Promise<void> {
  await run(admin, 'bootstrap.sql');
  await run(admin, 'realtime.sql');
  await admin.unsafe(`alter role postgres password '${scramVerifier(secrets.postgresPassword)}'`);
}

/** The functions and grants of schemas `auth` and `storage`, once their tables are there. */
export async function repairSystemSchemas(admin: postgres.Sql): Promise<void> {
  await run(admin, 'auth.sql');
  await run(admin, 'storage.sql');
}

async function run(admin: postgres.Sql, file: string): Promise<void> {
  await admin.unsafe(readFileSync(join(import.meta.dirname, file), 'utf8')).simple();
}
