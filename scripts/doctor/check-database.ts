import { readdirSync } from 'node:fs';
import path from 'node:path';
import postgres from 'postgres';
import { z } from 'zod';
import { repositoryRoot } from '../run-command.ts';
import { messageOf, ok, unchecked, wrong, type Finding } from './finding.ts';

/** The database that SUPABASE_DB_URL names, as migrations will find it. */
export async function checkDatabase(databaseUrl: string | undefined): Promise<Finding[]> {
  if (!databaseUrl) return [unchecked('Database', 'SUPABASE_DB_URL is not set')];
  const sql = connectOnce(databaseUrl);
  try {
    const findings = [await checkServer(sql), checkMode(databaseUrl), await checkExtensions(sql)];
    const migrations = await checkMigrations(sql);
    return [...findings, migrations, ...(migrations.state === 'ok' ? await checkContents(sql) : [])];
  } catch (error) {
    return [wrong('Database', messageOf(error))];
  } finally {
    await sql.end({ timeout: 2 });
  }
}

/** One connection, encrypted where the server can, that gives up after ten seconds. */
export function connectOnce(databaseUrl: string): postgres.Sql {
  return postgres(databaseUrl, {
    max: 1,
    connect_timeout: 10,
    prepare: false,
    ssl: 'prefer',
    onnotice: () => {},
  });
}

async function checkServer(sql: postgres.Sql): Promise<Finding> {
  const [row] = await sql`select current_user as role, current_setting('server_version') as version`;
  const { role, version } = z.object({ role: z.string(), version: z.string() }).parse(row);
  if (role !== 'postgres') return wrong('Database', `connects as ${role}; migrations run as postgres`);
  if (Number.parseInt(version, 10) < 17) return wrong('Database', `is PostgreSQL ${version}; 17 is needed`);
  return ok('Database', `PostgreSQL ${version}, as postgres`);
}

function checkMode(databaseUrl: string): Finding {
  return new URL(databaseUrl).port === '6543'
    ? wrong(
        'Connection mode',
        'port 6543 is the transaction pooler; migrations need a direct or session connection',
      )
    : ok('Connection mode', 'direct or session');
}

async function checkExtensions(sql: postgres.Sql): Promise<Finding> {
  const needed = ['pg_cron', 'pg_net', 'supabase_vault', 'pgcrypto'];
  const rows = await sql`select name from pg_available_extensions where name in ${sql(needed)}`;
  const available = z.array(z.object({ name: z.string() })).parse([...rows]);
  const missing = needed.filter((name) => !available.some((row) => row.name === name));
  return missing.length > 0
    ? wrong('Extensions', `not available: ${missing.join(', ')}`)
    : ok('Extensions', needed.join(', '));
}

async function checkMigrations(sql: postgres.Sql): Promise<Finding> {
  const local = readdirSync(path.join(repositoryRoot, 'supabase', 'migrations')).flatMap(
    (file) => /^(\d+)_.*\.sql$/.exec(file)?.[1] ?? [],
  );
  const [history] =
    await sql`select to_regclass('supabase_migrations.schema_migrations') is not null as exists`;
  const rows =
    history?.['exists'] === true ? await sql`select version from supabase_migrations.schema_migrations` : [];
  const applied = z
    .array(z.object({ version: z.string() }))
    .parse([...rows])
    .map(({ version }) => version);
  const unknown = applied.filter((version) => !local.includes(version));
  const pending = local.filter((version) => !applied.includes(version));
  if (unknown.length > 0)
    return wrong('Migrations', `applied there and not in this repository: ${unknown.join(', ')}`);
  if (pending.length > 0)
    return unchecked('Migrations', `${pending.length} pending: npm run deploy applies them`);
  return ok('Migrations', `all ${local.length} applied`);
}

const Contents = z.object({ secrets: z.int(), jobs: z.int(), prices: z.int(), reach: z.array(z.string()) });

/** What a deployment leaves in the database beside its tables. */
async function checkContents(sql: postgres.Sql): Promise<Finding[]> {
  const [row] = await sql`
    select
      (select count(*)::int from vault.secrets where name in ('project_url', 'jobs_secret')) as secrets,
      (select count(*)::int from cron.job where active) as jobs,
      (select count(*)::int from public.model_prices) as prices,
      array(select private.reach_of_public()) as reach`;
  const { secrets, jobs, prices, reach } = Contents.parse(row);
  const deploy = 'npm run deploy sets';
  return [
    secrets === 2
      ? ok('Vault', 'project_url, jobs_secret')
      : wrong('Vault', `${deploy} project_url and jobs_secret`),
    jobs > 0 ? ok('Schedule', `${jobs} jobs`) : wrong('Schedule', 'cron.job has no active job'),
    prices > 0
      ? ok('Prices', `${prices} rows`)
      : wrong('Prices', `none: ${deploy} them by calling gateway/jobs/refresh-prices`),
    reach.length === 0
      ? ok('SQL logins', 'can reach the views of schema reporting and nothing else')
      : wrong(
          'SQL logins',
          `none are made: PUBLIC reaches ${reach.slice(0, 5).join(', ')}; revoke that first`,
        ),
  ];
}
