import type postgres from 'postgres';

export const organizationCount = 50;
const months = 24;

export type FilledLedger = {
  /** The biggest of all, with 30 % of the rows. */
  organizationId: string;
  slug: string;
  /** Of each organization, one. */
  proxyKeys: string[];
  /** The oldest month's partition. */
  oldestPartition: string;
};

/**
 * Fills the ledger with so many settled calls over 24 months and 50 uneven organizations: straight into the partitions,
 * and, a month at a time, into what folding would have made of them.
 */
export async function fillLedger(
  sql: postgres.Sql,
  rows: number,
  onProgress: (text: string) => void,
): Promise<FilledLedger> {
  await makeOrganizations(sql);
  const proxyKeys = await mintKeys(sql);
  await makeChoices(sql);
  await sql`set work_mem = '256MB'`;
  await sql`set maintenance_work_mem = '512MB'`;
  await sql`set synchronous_commit = off`;
  const [{ first, now } = { first: new Date(), now: new Date() }] = await sql<{ first: Date; now: Date }[]>`
    select date_trunc('month', now(), 'UTC') - ${`${months - 1} months`}::interval as first, now() as now`;
  for (let month = 0; month < months; month++) {
    const from = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + month, 1));
    const to = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + month + 1, 1));
    await fillMonth(sql, Math.round(rows / months), from, to < now ? to : now);
    onProgress(`${month + 1} of ${months} months`);
  }
  await makeLongerSpans(sql);
  await sql`
    update private.spend_counters c set spent_usd = coalesce((
      select sum(f.cost_usd) from private.sum_usage(c.organization_id, 'all', c.window_start, 'infinity') f), 0)`;
  await sql.unsafe(`vacuum (analyze) public.usage_sums, public.usage_latency_sums, public.usage_rollups,
    public.usage_quarters, public.usage_latency_rollups`);
  const [biggest] = await sql`select id, slug from public.organizations where slug = 'scale-1'`;
  return {
    organizationId: String(biggest?.['id']),
    slug: 'scale-1',
    proxyKeys,
    oldestPartition: partitionOf(first),
  };
}

async function makeOrganizations(sql: postgres.Sql): Promise<void> {
  await sql`
    insert into public.organizations (id, name, slug, plan)
    select md5('organization ' || n)::uuid, 'Scale ' || n, 'scale-' || n, 'enterprise'
    from generate_series(1, ${organizationCount}::int) n`;
  await sql`
    insert into public.organization_plan_overrides (organization_id, resource, is_unlimited, reason)
    select id, 'ai_budget_usd_month', true, 'benchmark' from public.organizations where slug like 'scale-%'`;
  await sql`
    insert into public.provider_credentials (organization_id, provider, name)
    select id, 'sandbox', 'Sandbox' from public.organizations where slug like 'scale-%'`;
  await sql`
    insert into public.projects (id, organization_id, name)
    select md5('project ' || n || o.slug)::uuid, o.id, 'Project ' || n
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

/** What each organization's calls are drawn from. The first makes 30 % of them; the others are ever smaller. */
async function makeChoices(sql: postgres.Sql): Promise<void> {
  await sql`
    create temporary table choices as
    select o.id as organization_id,
      case when n = 1 then 0.3 else 0.7 / n / sum(1.0 / n) filter (where n > 1) over () end as share,
      case when n = 1 then 300 else 5 + 60 / n end as users,
      (select array_agg(k.id order by k.public_id) from public.proxy_keys k where k.organization_id = o.id) as keys,
      (select array_agg(k.project_id order by k.public_id) from public.proxy_keys k where k.organization_id = o.id) as projects
    from generate_series(1, ${organizationCount}::int) n
    join public.organizations o on o.slug = 'scale-' || n`;
  await sql`
    create temporary table priced_models as
    select row_number() over (order by p.provider, p.model)::int as n, p.*
    from public.model_prices p
    where p.service_tier = 'standard' and (p.provider, p.model) in (
      ('openai', 'gpt-4o'), ('openai', 'gpt-4o-mini'), ('openai', 'gpt-4.1-mini'), ('openai', 'text-embedding-3-small'),
      ('anthropic', 'claude-opus-4-5'), ('anthropic', 'claude-haiku-4-5'), ('anthropic', 'claude-sonnet-4-5'),
      ('moonshot', 'kimi-k2-0905-preview'))`;
}

async function fillMonth(sql: postgres.Sql, rows: number, from: Date, to: Date): Promise<void> {
  const partition = partitionOf(from);
  await sql`select private.ensure_usage_partitions(${from}, ${from})`;
  const indexes = await sql`
    select indexrelid::regclass::text as name from pg_index where indrelid = ${`private.${partition}`}::regclass`;
  for (const { name } of indexes) await sql.unsafe(`drop index ${name}`);
  await writeRows(sql, partition, rows, from, to);
  await sql`select private.index_usage_partition(${partition})`;
  await sql.unsafe(`analyze private.${partition}`);
  await rollUp(sql, partition);
}

const partitionOf = (month: Date): string =>
  `ai_usage_${month.getUTCFullYear()}_${String(month.getUTCMonth() + 1).padStart(2, '0')}`;

/** Busy people, keys and models are busier by far than others; agents make half of the calls, tags every fourth. */
async function writeRows(
  sql: postgres.Sql,
  partition: string,
  rows: number,
  from: Date,
  to: Date,
): Promise<void> {
  await sql.unsafe(
    `insert into private.${partition} (id, organization_id, project_id, proxy_key_id, user_id, agent_id, tags, dialect,
      operation, provider, model, served_model, is_stream, is_sandbox, status, http_status, error_code, usage_source,
      input_tokens, cache_read_tokens, output_tokens, cost_usd, held_usd, model_price_id, latency_ms, first_byte_ms,
      overhead_ms, request_id, created_at, settled_at)
    select gen_random_uuid(), c.organization_id, c.projects[k.n], c.keys[k.n],
      case when r.who < 0.9 then 'user-' || 1 + floor(power(r.person, 2) * c.users) end,
      case when r.who > 0.5 then 'agent-' || 1 + floor(r.agent * 8) end,
      case when r.tag < 0.25 then array['team-' || 1 + floor(r.tag * 24)] else '{}' end,
      'openai', 'chat.completions', m.provider, m.model, m.model, r.person < 0.5, true, s.status::public.call_status,
      case when s.status = 'succeeded' then 200 else 503 end, nullif(s.status, 'succeeded'), 'reported', t.input, t.cached,
      t.output, case when s.status = 'refused' then 0 else round(((t.input - t.cached) * m.input_usd_per_mtok
        + t.cached * coalesce(m.cache_read_usd_per_mtok, m.input_usd_per_mtok)
        + t.output * coalesce(m.output_usd_per_mtok, 0)) / 1e6, 10) end,
      0.01, m.id, 200 + r.size * r.size * 9000, 100 + r.size * 400, 0.8, i::text, r.at, r.at + interval '1 second' * r.size
    from choices c
    cross join lateral generate_series(1, greatest(1, round(c.share * $1::int))::int) i
    cross join lateral (select c.organization_id is not null and i > 0 as is_row, random() as who, random() as person,
      random() as agent, random() as tag, random() as fate, random() as size, random() as key, random() as model,
      $2::timestamptz + random() * ($3::timestamptz - $2::timestamptz - interval '5 seconds') as at) r
    cross join lateral (select 1 + floor(power(r.key, 1.5) * cardinality(c.keys))::int as n) k
    cross join lateral (select 100 + (r.size * 6000)::bigint as input, (r.size * 3000)::bigint as cached,
      20 + (r.person * 900)::bigint as output) t
    cross join lateral (select case when r.fate < 0.95 then 'succeeded' when r.fate < 0.975 then 'failed'
      when r.fate < 0.99 then 'aborted' when r.fate < 0.9998 then 'refused' else 'expired' end as status) s
    join priced_models m on m.n = 1 + floor(power(r.model, 1.5) * (select count(*) from priced_models))::int
    order by r.at`,
    [rows, from, to],
  );
}

const sums = `sum(calls), sum(errors), sum(refusals), sum(input_tokens), sum(cache_read_tokens), sum(output_tokens),
  sum(cost_usd)`;

/** What folding makes of a month, in as few passes. */
async function rollUp(sql: postgres.Sql, partition: string): Promise<void> {
  await sql.unsafe(`
    create temporary table facts as
    select organization_id, date_bin('15 minutes', created_at, '2000-01-01Z') as bucket_at,
      (created_at at time zone 'UTC')::date as day, project_id, proxy_key_id, coalesce(user_id, '') as user_id,
      coalesce(agent_id, '') as agent_id, provider, model, tags[1] as tag, 1 as calls,
      (status in ('failed', 'expired'))::int as errors, (status = 'refused')::int as refusals, input_tokens,
      cache_read_tokens, output_tokens, cost_usd, case when status = 'succeeded' then
        least(greatest(floor(ln(greatest(latency_ms::float8, 1) / 10) / ln(1.25::float8)), 0), 60) end as latency_bucket
    from private.${partition} where organization_id in (select organization_id from choices)`);
  await sql.unsafe(`
    insert into public.usage_rollups
    select organization_id, bucket_at, project_id, proxy_key_id, user_id, agent_id, provider, model, ${sums}
    from facts group by 1, 2, 3, 4, 5, 6, 7, 8 order by 1, 2`);
  await sql.unsafe(
    `insert into public.usage_quarters select organization_id, bucket_at, ${sums} from facts group by 1, 2`,
  );
  await sql.unsafe(`
    insert into public.usage_latency_rollups select organization_id, bucket_at, latency_bucket, sum(calls)
    from facts where latency_bucket is not null group by 1, 2, 3`);
  await sql.unsafe(`
    insert into public.usage_latency_sums select organization_id, 1, day, latency_bucket, sum(calls)
    from facts where latency_bucket is not null group by 1, 3, 4`);
  const dimensions = {
    all: `''`,
    model: `provider || '/' || model`,
    project: 'project_id::text',
    proxy_key: 'proxy_key_id::text',
    user: 'user_id',
    agent: 'agent_id',
    tag: 'tag',
  };
  for (const [dimension, key] of Object.entries(dimensions)) {
    await sql.unsafe(`
      insert into public.usage_sums select organization_id, '${dimension}', 1, day, ${key}, ${sums}
      from facts where ${key} is not null group by 1, 4, 5`);
  }
  await sql`drop table facts`;
}

async function makeLongerSpans(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    insert into public.usage_sums
    select organization_id, dimension, spans.days, private.span_start(day, spans.days), key, ${sums}
    from public.usage_sums cross join (values (8), (64)) spans (days)
    where span_days = 1 and organization_id in (select organization_id from choices) group by 1, 2, 3, 4, 5`);
  await sql`
    insert into public.usage_latency_sums
    select organization_id, spans.days, private.span_start(day, spans.days), latency_bucket, sum(calls)
    from public.usage_latency_sums cross join (values (8), (64)) spans (days)
    where span_days = 1 and organization_id in (select organization_id from choices) group by 1, 2, 3, 4`;
}
