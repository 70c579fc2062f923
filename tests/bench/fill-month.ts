import type postgres from 'postgres';
import { rollUpMonth } from './roll-up-month.ts';

/**
 * Fills one month (UTC) of the ledger with so many settled calls, and the rollups with what folding would have made of
 * them. `sql` is one connection on which `prepareChoices` has run.
 */
export async function fillMonth(sql: postgres.Sql, rows: number, from: Date, to: Date): Promise<void> {
  const partition = partitionOf(from);
  const indexes = await sql`
    select indexrelid::regclass::text as name from pg_index where indrelid = ${`private.${partition}`}::regclass`;
  for (const { name } of indexes) await sql.unsafe(`drop index ${name}`);
  await writeRows(sql, partition, rows, from, to);
  await sql`select private.index_usage_partition(${partition})`;
  await sql.unsafe(`vacuum (analyze) private.${partition}`);
  await rollUpMonth(sql, partition);
}

export const partitionOf = (month: Date): string =>
  `ai_usage_${month.getUTCFullYear()}_${String(month.getUTCMonth() + 1).padStart(2, '0')}`;

/** What each organization's calls are drawn from. The first makes 30 % of them; the others are ever smaller. */
export async function prepareChoices(sql: postgres.Sql, organizationCount: number): Promise<void> {
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

/**
 * Busy people, keys and models are busier by far than others; agents make half of the calls, tags every fourth. Ids
 * begin with the time, as those of calls do.
 */
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
    select (lpad(to_hex((extract(epoch from r.at) * 1000)::bigint), 12, '0') || '7'
        || substr(gen_random_uuid()::text, 16))::uuid, c.organization_id, c.projects[k.n], c.keys[k.n],
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
