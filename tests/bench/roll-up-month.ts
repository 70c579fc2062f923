import type postgres from 'postgres';

const sums = `sum(calls), sum(errors), sum(refusals), sum(input_tokens), sum(cache_read_tokens), sum(output_tokens),
  sum(cost_usd)`;

/** What folding makes of a month whose calls have one tag at most, in as few passes. Spans of one day only. */
export async function rollUpMonth(sql: postgres.Sql, partition: string): Promise<void> {
  await sql.unsafe(`
    create temporary table facts as
    select organization_id, date_bin('15 minutes', created_at, '2000-01-01Z') as bucket_at,
      (created_at at time zone 'UTC')::date as day, project_id, proxy_key_id, coalesce(user_id, '') as user_id,
      coalesce(agent_id, '') as agent_id, provider, model, coalesce(tags[1], '') as tag, 1 as calls,
      (status in ('failed', 'expired'))::int as errors, (status = 'refused')::int as refusals, input_tokens,
      cache_read_tokens, output_tokens, cost_usd, case when status = 'succeeded' then
        least(greatest(floor(ln(greatest(latency_ms::float8, 1) / 10) / ln(1.25::float8)), 0), 60)::smallint end
        as latency_bucket
    from private.${partition} where organization_id in (select organization_id from choices)`);
  await sql.unsafe(`
    insert into public.usage_rollups
    select organization_id, bucket_at, project_id, proxy_key_id, user_id, agent_id, provider, model, ${sums}
    from facts group by 1, 2, 3, 4, 5, 6, 7, 8 order by 1, 2, 3, 4, 5, 6, 7, 8`);
  await sql.unsafe(`
    insert into public.usage_quarters select organization_id, bucket_at, ${sums} from facts group by 1, 2 order by 1, 2`);
  await sql.unsafe(`
    insert into public.usage_tag_rollups select organization_id, bucket_at, tag, ${sums}
    from facts group by 1, 2, 3 order by 1, 2, 3`);
  await sql.unsafe(`
    insert into public.usage_latency_rollups select organization_id, bucket_at, latency_bucket, sum(calls)
    from facts where latency_bucket is not null group by 1, 2, 3 order by 1, 2, 3`);
  await sql.unsafe(`
    insert into public.usage_latency_sums select organization_id, 1, day, latency_bucket, sum(calls)
    from facts where latency_bucket is not null group by 1, 3, 4 order by 1, 3, 4`);
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
      from facts group by 1, 4, 5 order by 1, 4, 5`);
  }
  await sql`drop table facts`;
}

/** Makes the longer spans of the days that are there, once all are. */
export async function makeLongerSpans(sql: postgres.Sql): Promise<void> {
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
