import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { tryFile, type SqlFile } from './preflight.ts';
import type { ProjectConfig } from './project-config.ts';

export type SeedOptions = {
  supabaseDir: string;
  config: ProjectConfig;
  admin: postgres.Sql;
  databaseUrl: string;
};

/** Runs the seed files in one transaction, once in a database's life. @returns whether this was that time */
export async function seed({ supabaseDir, config, admin, databaseUrl }: SeedOptions): Promise<boolean> {
  const [done] = await admin`select from _local.seeding`;
  if (done) return false;
  const { enabled, sql_paths } = config.db.seed;
  const files = enabled ? sql_paths.flatMap((path) => globSync(join(supabaseDir, path)).toSorted()) : [];
  await runAll(
    databaseUrl,
    files.map((file) => ({ file, sql: readFileSync(file, 'utf8') })),
  );
  await admin`insert into _local.seeding default values`;
  return true;
}

async function runAll(databaseUrl: string, files: SqlFile[]): Promise<void> {
  if (files.length === 0) return;
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe('begin').simple();
    for (const file of files) await tryFile(sql, file);
    await sql.unsafe('commit').simple();
  } finally {
    await sql.end({ timeout: 2 });
  }
}
