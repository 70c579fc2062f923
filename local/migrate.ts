import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type postgres from 'postgres';
import { preflight } from './preflight.ts';

export type Migration = { version: string; file: string; sql: string; sha256: string };

export type MigrateOptions = {
  supabaseDir: string;
  admin: postgres.Sql;
  /** As role `postgres`, as migrations run on hosted Supabase. */
  databaseUrl: string;
  /** A place of the stack's own, for what the CLI writes beside the migrations that it reads. */
  workDir: string;
  progress: (message: string) => void;
};

/**
 * Applies what is pending, through the official CLI. @returns how many files that were.
 * @throws naming file and line when a migration fails; the database is then as it was before.
 */
export async function migrate(options: MigrateOptions): Promise<number> {
  const migrations = readMigrations(join(options.supabaseDir, 'migrations'));
  const applied = await readHistory(options.admin);
  assertUnchanged(migrations, applied);
  const pending = migrations.filter((migration) => !applied.has(migration.version));
  if (pending.length > 0) {
    options.progress(`Applying ${pending.length} migrations`);
    await preflight(options.databaseUrl, pending);
    await runCli(options);
  }
  await remember(options.admin, migrations);
  return pending.length;
}

function readMigrations(directory: string): Migration[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .toSorted()
    .flatMap((name) => {
      const version = /^(\d+)_.*\.sql$/.exec(name)?.[1];
      if (version === undefined) return [];
      const file = join(directory, name);
      const sql = readFileSync(file, 'utf8');
      return [{ version, file, sql, sha256: createHash('sha256').update(sql).digest('hex') }];
    });
}

/** Applied versions with the hash of what was applied, which is null when someone else applied them. */
async function readHistory(admin: postgres.Sql): Promise<Map<string, string | null>> {
  const [table] =
    await admin`select to_regclass('supabase_migrations.schema_migrations') is not null as present`;
  if (table?.['present'] !== true) return new Map();
  const rows = await admin<{ version: string; sha256: string | null }[]>`
    select version, sha256
    from supabase_migrations.schema_migrations left join _local.applied_migrations using (version)`;
  return new Map(rows.map((row) => [row.version, row.sha256]));
}

function assertUnchanged(migrations: Migration[], applied: Map<string, string | null>): void {
  for (const migration of migrations) {
    const before = applied.get(migration.version) ?? migration.sha256;
    if (before === migration.sha256) continue;
    throw new Error(
      `${migration.file} has been edited since it was applied to this database. ${HOW_TO_GO_ON}`,
    );
  }
  const versions = new Set(migrations.map((migration) => migration.version));
  const missing = [...applied.keys()].filter((version) => !versions.has(version));
  if (missing.length > 0) {
    throw new Error(
      `The database has migrations that are no longer there: ${missing.join(', ')}. ${HOW_TO_GO_ON}`,
    );
  }
}

async function remember(admin: postgres.Sql, migrations: Migration[]): Promise<void> {
  if (migrations.length === 0) return;
  const rows = migrations.map(({ version, sha256 }) => ({ version, sha256 }));
  await admin`insert into _local.applied_migrations ${admin(rows)} on conflict (version) do nothing`;
}

/** In a copy, because the CLI leaves files in the project's folder and in the home directory. */
async function runCli({ supabaseDir, databaseUrl, workDir }: MigrateOptions): Promise<void> {
  rmSync(workDir, { recursive: true, force: true });
  mkdirSync(join(workDir, 'supabase'), { recursive: true });
  writeFileSync(join(workDir, 'supabase', 'config.toml'), 'project_id = "local"\n');
  cpSync(join(supabaseDir, 'migrations'), join(workDir, 'supabase', 'migrations'), { recursive: true });
  const cli = createRequire(import.meta.url)
    .resolve('supabase/package.json')
    .replace('package.json', CLI);
  const args = ['migration', 'up', '--include-all', '--yes', '--agent', 'no', `--remote=${databaseUrl}`];
  const child = spawn(process.execPath, [cli, ...args, '--workdir', workDir], {
    cwd: workDir,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      TMPDIR: process.env['TMPDIR'],
      HOME: workDir,
      PGSSLMODE: 'disable',
      SUPABASE_TELEMETRY_DISABLED: '1',
      DO_NOT_TRACK: '1',
      NO_COLOR: '1',
      CI: '1',
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null)).once('close', resolve);
  });
  if (code !== 0) throw new Error(`The Supabase CLI could not apply the migrations:\n${output.trim()}`);
  rmSync(workDir, { recursive: true, force: true });
}

const CLI = 'dist/supabase.js';
const HOW_TO_GO_ON =
  'Put it back and write a new migration, or begin anew without the data: npm start -- --reset';
