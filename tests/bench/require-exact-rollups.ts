import type postgres from 'postgres';

/**
 * What is measured is to be the truth. @throws where a sum is missing or is not what the ledger says, or where folding
 * one organization's calls by the product's own functions makes other rows than were filled in
 */
export async function requireExactRollups(sql: postgres.Sql, foldedSlug: string): Promise<void> {
  const differing = await sql.unsafe(
    `with ledger as (
      select organization_id, count(*) as calls, count(*) filter (where status in ('failed', 'expired')) as errors,
        sum(input_tokens) as input_tokens, sum(output_tokens) as output_tokens, sum(cost_usd) as cost_usd,
        count(*) filter (where status = 'succeeded') as succeeded
      from public.ai_usage
      where settled_at is not null and organization_id in (select id from public.organizations where slug like 'scale-%')
      group by 1
    ), sums as (
      select 'quarters by everything' as source, organization_id, ${columns} from public.usage_rollups group by 2
      union all select 'quarters', organization_id, ${columns} from public.usage_quarters group by 2
      union all select 'quarters by tag', organization_id, ${columns} from public.usage_tag_rollups group by 2
      union all select dimension || ' by ' || span_days, organization_id, ${columns} from public.usage_sums group by 1, 2
    ), counts as (
      select 'latencies' as source, organization_id, sum(calls) as calls from public.usage_latency_rollups group by 2
      union all select 'latencies by ' || span_days, organization_id, sum(calls) from public.usage_latency_sums group by 1, 2
    )
    select source, organization_id
    from (select * from ledger cross join unnest($1::text[]) sources (source)) l full join sums s using (source, organization_id)
    where organization_id in (select organization_id from ledger)
      and (s.calls, s.errors, s.input_tokens, s.output_tokens, s.cost_usd)
        is distinct from (l.calls, l.errors, l.input_tokens, l.output_tokens, l.cost_usd)
    union all
    select source, organization_id
    from (select * from ledger cross join unnest($2::text[]) sources (source)) l full join counts c using (source, organization_id)
    where organization_id in (select organization_id from ledger) and c.calls is distinct from nullif(l.succeeded, 0)`,
    [sumSources, countSources],
  );
  if (differing.length > 0) throw new Error(`These sums are not the ledger's: ${JSON.stringify(differing)}`);
  await requireFolded(sql, foldedSlug);
}

const spans = [1, 8, 64];
const dimensions = ['all', 'model', 'project', 'proxy_key', 'user', 'agent', 'tag'];
const sumSources = [
  'quarters by everything',
  'quarters',
  'quarters by tag',
  ...dimensions.flatMap((dimension) => spans.map((days) => `${dimension} by ${days}`)),
];
const countSources = ['latencies', ...spans.map((days) => `latencies by ${days}`)];

const columns = `sum(calls) as calls, sum(errors) as errors, sum(input_tokens) as input_tokens,
  sum(output_tokens) as output_tokens, sum(cost_usd) as cost_usd`;

const tables = [
  'usage_rollups',
  'usage_quarters',
  'usage_tag_rollups',
  'usage_latency_rollups',
  'usage_sums',
  'usage_latency_sums',
];

async function requireFolded(sql: postgres.Sql, slug: string): Promise<void> {
  const of = `where organization_id = (select id from public.organizations where slug = '${slug}')`;
  await sql`begin`;
  try {
    for (const table of tables) {
      await sql.unsafe(
        `create temporary table filled_${table} on commit drop as select * from public.${table} ${of}`,
      );
      await sql.unsafe(`delete from public.${table} ${of}`);
    }
    await sql.unsafe(
      `select private.write_deltas(array_agg(u), 1) from public.ai_usage u ${of} and settled_at is not null`,
    );
    await sql`select private.fold_usage()`;
    for (const table of tables) {
      const differing = await sql.unsafe(`
        (table filled_${table} except all select * from public.${table} ${of})
        union all (select * from public.${table} ${of} except all table filled_${table}) limit 3`);
      if (differing.length > 0)
        throw new Error(`Folding makes other rows of ${table}: ${JSON.stringify(differing)}`);
    }
  } finally {
    await sql`rollback`;
  }
  // What was tried left nothing but pages to read.
  await sql`vacuum private.usage_deltas`;
}
