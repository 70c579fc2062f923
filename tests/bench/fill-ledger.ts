import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import postgres from 'postgres';
import type { Ready } from '../../scripts/ready-file.ts';
import { fillMonth, partitionOf, prepareChoices } from './fill-month.ts';
import { makeLongerSpans } from './roll-up-month.ts';

export const organizationCount = 50;
const months = 24;
const loaders = 2;

export type FilledLedger = {
  /** The biggest of all, with 30 % of the rows. */
  organizationId: string;
  slug: string;
  /** One of its projects. */
  projectId: string;
  /** Of each organization, one. */
  proxyKeys: string[];
  /** The partitions of its months, oldest first. */
  partitions: string[];
};

/**
 * Fills the ledger with so many settled calls over 24 months and 50 uneven organizations, two months at a time:
 * straight into the partitions, and into what folding would have made of them. Archiving is off from then on.
 */
export async function fillLedger(
  { databaseUrl, adminDatabaseUrl }: Ready,
  rows: number,
  onProgress: (text: string) => void,
): Promise<FilledLedger> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  const admin = postgres(adminDatabaseUrl, { max: 1, onnotice: () => {} });
  try {
    await makeOrganizations(sql);
    const proxyKeys = await mintKeys(sql);
    const spans = await monthsUntilNow(sql);
    const oldest = spans[0]?.from ?? new Date();
    await sql`select private.ensure_usage_partitions(${oldest}, now())`;
    await withoutSafety(sql, admin, () =>
      load(adminDatabaseUrl, Math.round(rows / months), spans, onProgress),
    );
    await countSpending(sql);
    const [biggest] = await sql`
      select o.id, p.id as project from public.organizations o join public.projects p on p.organization_id = o.id
      where o.slug = 'scale-1' order by p.name limit 1`;
    return {
      organizationId: String(biggest?.['id']),
      slug: 'scale-1',
      projectId: String(biggest?.['project']),
      proxyKeys,
      partitions: spans.map(({ from }) => partitionOf(from)),
    };
  } finally {
    await sql.end();
    await admin.end();
  }
}

type Span = { from: Date; to: Date };

async function monthsUntilNow(sql: postgres.Sql): Promise<Span[]> {
  const [row] = await sql<{ now: Date }[]>`select now() as now`;
  const now = row?.now ?? new Date();
  const startOf = (month: number): Date =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months + 1 + month, 1));
  return Array.from({ length: months }, (_, month) => {
    const [from, to] = [startOf(month), startOf(month + 1)];
    return { from, to: to < now ? to : now };
  });
}

/**
 * Does it without jobs beside it, and without flushing, which a crash in between would need. Everything is on the disk
 * in the end, and as it was but for archiving.
 */
async function withoutSafety(
  sql: postgres.Sql,
  admin: postgres.Sql,
  work: () => Promise<void>,
): Promise<void> {
  const active = await sql`select cron.alter_job(jobid, active := false), jobid from cron.job where active`;
  try {
    for (const setting of unsafe) await admin.unsafe(`alter system set ${setting} = off`);
    await admin`select pg_reload_conf()`;
    await work();
  } finally {
    for (const setting of unsafe) await admin.unsafe(`alter system reset ${setting}`);
    await admin`select pg_reload_conf()`;
    await admin`checkpoint`;
    // What was written before that, the system alone knows of.
    if (process.platform !== 'win32') await promisify(execFile)('sync');
    await sql`
      select cron.alter_job(jobid, active := true) from cron.job
      where jobid = any(${active.map(({ jobid }) => Number(jobid))}::bigint[])
        and jobname not in ('archive-calls', 'retire-usage-months', 'drop-detached-months')`;
  }
}

const unsafe = ['fsync', 'full_page_writes', 'autovacuum'];

async function load(
  databaseUrl: string,
  rows: number,
  spans: readonly Span[],
  onProgress: (text: string) => void,
): Promise<void> {
  const left = [...spans];
  let done = 0;
  const work = async (): Promise<void> => {
    const sql = openLoader(databaseUrl);
    try {
      await prepareChoices(sql, organizationCount);
      for (let span = left.shift(); span !== undefined; span = left.shift()) {
        await fillMonth(sql, rows, span.from, span.to);
        onProgress(`${++done} of ${months} months`);
      }
    } finally {
      await sql.end();
    }
  };
  await Promise.all(Array.from({ length: loaders }, work));
  const sql = openLoader(databaseUrl);
  await prepareChoices(sql, organizationCount);
  await makeLongerSpans(sql);
  await sql.unsafe(`vacuum (analyze) public.usage_sums, public.usage_latency_sums, public.usage_rollups,
    public.usage_quarters, public.usage_latency_rollups, public.usage_tag_rollups`);
  await sql.end();
}

/** One connection whose rows are not checked against foreign keys: the organizations are there. */
function openLoader(databaseUrl: string): postgres.Sql {
  return postgres(databaseUrl, {
    max: 1,
    idle_timeout: 0,
    onnotice: () => {},
    connection: {
      session_replication_role: 'replica',
      synchronous_commit: 'off',
      work_mem: '256MB',
      maintenance_work_mem: '512MB',
      temp_buffers: '128MB',
      max_parallel_maintenance_workers: '0',
    },
  });
}

/** What settling keeps of what was spent, and budgets, which begin with what they bind. */
async function countSpending(sql: postgres.Sql): Promise<void> {
  await sql`
    update private.spend_counters c set spent_usd = coalesce((
      select sum(f.cost_usd) from private.sum_usage(c.organization_id, 'all', c.window_start, 'infinity') f), 0)`;
  await sql`
    insert into public.budgets (organization_id, scope, scope_id, period, limit_usd)
    select o.id, b.scope, coalesce(b.scope_id, o.id::text), b.period, 1e9 from public.organizations o
    cross join (values ('organization', null, 'month'), ('user', 'user-1', 'day'), ('tag', 'team-1', 'total'))
      b (scope, scope_id, period)
    where o.slug like 'scale-%'`;
  await sql`
    update public.proxy_keys k set last_used_at = u.created_at from (
      select proxy_key_id, max(created_at) as created_at from public.ai_usage
      where settled_at > now() - interval '2 months' group by 1) u
    where u.proxy_key_id = k.id`;
}

/** A valid id that is the same in every stack. */
const uuidOf = (text: string): string =>
  `overlay(overlay(md5(${text}) placing '4' from 13) placing '8' from 17)::uuid`;

async function makeOrganizations(sql: postgres.Sql): Promise<void> {
  await sql`
    insert into public.organizations (id, name, slug, plan)
    select ${sql.unsafe(uuidOf("'organization ' || n"))}, 'Scale ' || n, 'scale-' || n, 'enterprise'
    from generate_series(1, ${organizationCount}::int) n`;
  await sql`
    insert into public.organization_plan_overrides (organization_id, resource, is_unlimited, reason)
    select id, 'ai_budget_usd_month', true, 'benchmark' from public.organizations where slug like 'scale-%'`;
  await sql`
    insert into public.provider_credentials (organization_id, provider, name)
    select id, 'sandbox', 'Sandbox' from public.organizations where slug like 'scale-%'`;
  await sql`
    update public.rate_limits set requests_per_minute = 1000000 where organization_id in (
      select id from public.organizations where slug like 'scale-%')`;
  await sql`
    insert into public.projects (id, organization_id, name)
    select ${sql.unsafe(uuidOf("'project ' || n || o.slug"))}, o.id, 'Project ' || n
    from public.organizations o cross join generate_series(1, 5) n where o.slug like 'scale-%'`;
}

/** Three keys a project. */
async function mintKeys(sql: postgres.Sql): Promise<string[]> {
  const keys = await sql<{ organization_id: string; key: string }[]>`
    select p.organization_id, k.key
    from public.projects p join public.organizations o on o.id = p.organization_id and o.slug like 'scale-%'
    cross join generate_series(1, 3) n
    cross join lateral private.mint_proxy_key_as(null, p.id, 'Key ' || n, '{}') k`;
  return [...new Map(keys.map(({ organization_id, key }) => [organization_id, key])).values()];
}
