import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { readBalance } from '../support/ledger.ts';
import { addPastCall } from '../support/add-past-call.ts';
import { describeCall, describeSettlement } from './ledger-call.ts';
import { makeSpender } from './make-spender.ts';
import { makePricedModel } from './priced-model.ts';
import { openProxyLedger, type ProxyLedger } from './proxy-ledger.ts';

let ledger: ProxyLedger;
let models: Awaited<ReturnType<typeof makePricedModel>>[];
beforeAll(async () => {
  ledger = openProxyLedger(8);
  models = await Promise.all(Array.from({ length: 6 }, makePricedModel));
});
afterAll(async () => {
  await Promise.all(models.map(({ remove }) => remove()));
  await ledger.close();
});

const fold = () => operatorSql()`select private.fold_usage()`;

const statuses = ['succeeded', 'succeeded', 'failed', 'aborted'] as const;

/** The nth of a crowd: of another model, person, agent, size and fate than the one before. */
async function live({ proxyKey }: Caller, index: number): Promise<void> {
  const model = models[index % models.length]?.model ?? '';
  const call = describeCall(proxyKey, index % 7 === 0 ? 'unknown' : model, {
    user_id: index % 3 === 0 ? null : `user ${index % 3}`,
    agent_id: index % 4 === 0 ? 'agent' : null,
  });
  const [reservation] = await ledger.reserve(call);
  if (reservation?.ok !== true) return;
  await ledger.settle(
    describeSettlement(
      { id: call.id, created_at: reservation.created_at },
      { input_tokens: 1000 + index, cache_read_tokens: index, output_tokens: index },
      { status: statuses[index % statuses.length] ?? 'succeeded', latency_ms: 5 + index * index },
    ),
  );
}

const liveMany = (caller: Caller, count: number) =>
  Promise.all(Array.from({ length: count }, (_, index) => live(caller, index)));

const columns = [
  'project_id',
  'proxy_key_id',
  'user_id',
  'agent_id',
  'provider',
  'model',
  'calls',
  'errors',
  'refusals',
  'input_tokens',
  'cache_read_tokens',
  'output_tokens',
  'cost_usd',
].join(', ');

/** The rollups as their readers add them up, and the same from the ledger, row by row. */
async function readSums({ organizationId }: Caller) {
  const sql = operatorSql();
  const facts = await sql`
    select ${sql.unsafe(columns)} from (
      select project_id, proxy_key_id, user_id, agent_id, provider, model, sum(calls)::int as calls,
        sum(errors)::int as errors, sum(refusals)::int as refusals, sum(input_tokens)::int as input_tokens,
        sum(cache_read_tokens)::int as cache_read_tokens, sum(output_tokens)::int as output_tokens,
        sum(cost_usd)::text as cost_usd
      from public.usage_facts where organization_id = ${organizationId} group by 1, 2, 3, 4, 5, 6
    ) sums order by 1, 2, 3, 4, 5, 6`;
  const entries = await sql`
    select project_id, proxy_key_id, coalesce(user_id, '') as user_id, coalesce(agent_id, '') as agent_id, provider,
      model, count(*)::int as calls, (count(*) filter (where status in ('failed', 'expired')))::int as errors,
      (count(*) filter (where status = 'refused'))::int as refusals, sum(input_tokens)::int as input_tokens,
      sum(cache_read_tokens)::int as cache_read_tokens, sum(output_tokens)::int as output_tokens,
      sum(cost_usd)::text as cost_usd
    from public.ai_usage where organization_id = ${organizationId} and settled_at is not null
    group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6`;
  return { facts: [...facts], entries: [...entries] };
}

test('[ROL1] what readers add up is what the ledger says, before folding and after', async () => {
  const caller = await makeSpender();
  await liveMany(caller, 60);
  const before = await readSums(caller);
  expect(before.facts.length).toBeGreaterThan(10);
  expect(before.facts).toEqual(before.entries);
  await fold();
  const [left] = await operatorSql()`
    select count(*)::int as count from private.usage_deltas where organization_id = ${caller.organizationId}`;
  expect(left?.['count']).toBe(0);
  expect(await readSums(caller)).toEqual(before);
  await fold();
  expect(await readSums(caller)).toEqual(before);
});

test('[ROL2] at any moment of folding and settling the sums are exact: none lost, none twice', async () => {
  const callers = [await makeSpender(), await makeSpender()];
  let isOver = false;
  const watch = async (caller: Caller) => {
    for (let seen = 0; !isOver;) {
      const { ledger_calls, rollup_calls, ledger_usd, rollups_usd, spent_usd } = await readBalance(
        caller.organizationId,
      );
      expect({ calls: rollup_calls, usd: rollups_usd, spent: spent_usd }).toEqual({
        calls: ledger_calls,
        usd: ledger_usd,
        spent: ledger_usd,
      });
      expect(rollup_calls).toBeGreaterThanOrEqual(seen);
      seen = rollup_calls;
    }
  };
  const keepFolding = async () => {
    while (!isOver) await fold();
  };
  const watching = Promise.all([...callers.map(watch), keepFolding(), keepFolding()]);
  await Promise.all(callers.flatMap((caller) => [liveMany(caller, 100), liveMany(caller, 100)]));
  isOver = true;
  await watching;
  await fold();
  for (const caller of callers) {
    const { facts, entries } = await readSums(caller);
    expect(facts).toEqual(entries);
    expect(facts.reduce((calls, row) => calls + Number(row['calls']), 0)).toBe(200);
  }
});

test('[ROL3] a late settlement takes its estimate out of the rollups again, folded or not', async () => {
  const caller = await makeSpender();
  const call = describeCall(caller.proxyKey, models[0]?.model ?? '', { lease_seconds: 0 });
  const [reservation] = await ledger.reserve(call);
  const sweep = async () => {
    await operatorSql()`select private.sweep_expired_calls()`;
    return (await readBalance(caller.organizationId)).open_calls;
  };
  await expect.poll(sweep).toBe(0);
  await fold();
  await ledger.settle(
    describeSettlement({ id: call.id, created_at: reservation?.created_at ?? null }, { output_tokens: 1 }),
  );
  const sums = await readSums(caller);
  expect(sums.facts).toMatchObject([{ calls: 1, errors: 0, cost_usd: '0.0010000000', output_tokens: 1 }]);
  expect(sums.facts).toEqual(sums.entries);
});

test('[ROL4] the reports add up to the ledger, and the latency is within its bucket', async () => {
  const caller = await makeSpender();
  await liveMany(caller, 60);
  await fold();
  await liveMany(caller, 20);
  const balance = await readBalance(caller.organizationId);
  const { owner, organizationId } = caller;
  const whole = {
    organization_id: organizationId,
    from_at: '2026-01-01T00:00:00Z',
    to_at: '2100-01-01T00:00:00Z',
  };
  const { data: totals } = await owner.db.rpc('summarize_usage', whole).single();
  expect(totals).toMatchObject({ calls: 80, cost_usd: balance.ledger_usd });
  const [exact] = await operatorSql()`
    select percentile_disc(0.95) within group (order by latency_ms)::float8 as p95 from public.ai_usage
    where organization_id = ${organizationId} and status = 'succeeded'`;
  expect(totals?.latency_p95_ms).toBeGreaterThan(Number(exact?.['p95']) / 1.25);
  expect(totals?.latency_p95_ms).toBeLessThan(Number(exact?.['p95']) * 1.25);
  for (const dimension of ['model', 'provider', 'project', 'proxy_key', 'user', 'agent']) {
    const { data } = await owner.db.rpc('break_down_usage', { ...whole, dimension, by_day: true });
    const usd = (data ?? []).reduce((sum, row) => sum + Number(row.cost_usd), 0);
    expect.soft(usd, dimension).toBeCloseTo(Number(balance.ledger_usd), 9);
    expect
      .soft(
        (data ?? []).reduce((sum, row) => sum + row.calls, 0),
        dimension,
      )
      .toBe(80);
  }
  const { data: status } = await owner.db.rpc('spend_status', { organization_id: organizationId }).single();
  expect(status).toMatchObject({ month_calls: 80, month_usd: balance.ledger_usd, held_usd: '0.0000000000' });
});

test('[ROL5] dashboards learn from the version that something changed', async () => {
  const caller = await makeSpender();
  const version = async () => {
    const { data } = await caller.owner.db
      .rpc('spend_status', { organization_id: caller.organizationId })
      .single();
    return Number(data?.version);
  };
  const before = await version();
  const call = describeCall(caller.proxyKey, models[0]?.model ?? '');
  const [reservation] = await ledger.reserve(call);
  const between = await version();
  expect(between).toBeGreaterThan(before);
  await ledger.settle(describeSettlement({ id: call.id, created_at: reservation?.created_at ?? null }));
  expect(await version()).toBeGreaterThan(between);
});

test('[ROL6] team_costs_daily says what the ledger says, by day of the organization’s zone, folded or not', async () => {
  const caller = await makeSpender();
  const { organizationId, owner } = caller;
  await operatorSql()`update public.organizations set time_zone = 'Asia/Kathmandu' where id = ${organizationId}`;
  await operatorSql()`update private.usage_calendars set time_zone = 'Asia/Kathmandu' where organization_id = ${organizationId}`;
  await liveMany(caller, 30);
  await fold();
  await liveMany(caller, 10);
  const { data } = await owner.db
    .from('team_costs_daily')
    .select('date, provider, model, total_cost::text, total_input, total_output, request_count')
    .eq('team_id', organizationId)
    .order('date')
    .order('model');
  const entries = await operatorSql()`
    select (created_at at time zone 'Asia/Kathmandu')::date::text as date, provider, model, sum(cost_usd)::text as total_cost,
      sum(input_tokens)::int as total_input, sum(output_tokens)::int as total_output, count(*)::int as request_count
    from public.ai_usage where organization_id = ${organizationId} and settled_at is not null
    group by 1, 2, 3 order by 1, 3`;
  expect(data).toEqual([...entries]);
});

test('[ROL7] sums of any range are the ledger’s: spans of days, parts of days, and what is not folded', async () => {
  const caller = await makeSpender();
  const { organizationId } = caller;
  await liveMany(caller, 24);
  // Spread over two hundred days, as if it had been so, on quarter hours.
  const all = operatorSql()`where organization_id = ${organizationId} and settled_at is not null`;
  await operatorSql()`select private.write_deltas(array_agg(u), -1) from public.ai_usage u ${all}`;
  await operatorSql()`
    update public.ai_usage set created_at = created_at - (random() * 200) * interval '1 day', tags = '{a,b,a}' ${all}`;
  await operatorSql()`select private.write_deltas(array_agg(u), 1) from public.ai_usage u ${all}`;
  await fold();
  await liveMany(caller, 6);
  const sumsOf = async (from: string, to: string, zone: string) => {
    await operatorSql()`update public.organizations set time_zone = ${zone} where id = ${organizationId}`;
    const [exact] = await operatorSql()`
      select count(*)::int as calls, coalesce(sum(cost_usd), 0)::text as usd from public.ai_usage ${all}
        and created_at >= ${from}::timestamptz and created_at < ${to}::timestamptz`;
    for (const dimension of ['all', 'model', 'user', 'project', 'tag']) {
      const [sum] = await operatorSql()`
        select coalesce(sum(calls), 0)::int as calls, coalesce(sum(cost_usd), 0)::text as usd
        from private.sum_usage(${organizationId}, ${dimension}, ${from}, ${to})
        where ${dimension} <> 'tag' or key in ('', 'a')`;
      expect(Number(sum?.['calls']), `${dimension} in ${zone}`).toBe(exact?.['calls']);
      expect(Number(sum?.['usd'])).toBeCloseTo(Number(exact?.['usd']), 9);
    }
  };
  const quarter = (daysAgo: number): string =>
    new Date(Math.floor((Date.now() - daysAgo * 86_400_000) / 900_000) * 900_000).toISOString();
  for (const zone of ['UTC', 'Asia/Kathmandu', 'America/New_York']) {
    for (const [from, to] of [
      [190.3, 0],
      [150, 22.4],
      [9.7, 1.2],
      [1.1, 0.9],
      [70, 69.99],
    ] as const) {
      // First as it is while the days are in another zone, then counted anew.
      await sumsOf(quarter(from), quarter(to - 1), zone);
    }
    const isCounted = async () => {
      await operatorSql()`select private.recount_days()`;
      const [calendar] = await operatorSql()`
        select time_zone from private.usage_calendars where organization_id = ${organizationId}`;
      return calendar?.['time_zone'];
    };
    await expect.poll(isCounted).toBe(zone);
    for (const [from, to] of [
      [190.3, 0],
      [150, 22.4],
      [9.7, 1.2],
    ] as const) {
      await sumsOf(quarter(from), quarter(to - 1), zone);
    }
  }
  // A call that names a tag twice counts once under it.
  const [tags] = await operatorSql()`
    select array_agg(key || ':' || calls order by key) as sums
    from private.sum_usage(${organizationId}, 'tag', '-infinity', 'infinity')`;
  expect(tags?.['sums']).toEqual([':6', 'a:24', 'b:24']);
});

test('[ROL8] a range that begins with an hour that comes twice counts its calls once, folded or not', async () => {
  const caller = await makeSpender();
  const { organizationId } = caller;
  // Its clocks went back from one to midnight on the first of November.
  const zone = 'America/Havana';
  await operatorSql()`update public.organizations set time_zone = ${zone} where id = ${organizationId}`;
  await operatorSql()`update private.usage_calendars set time_zone = ${zone} where organization_id = ${organizationId}`;
  const times = [
    '2020-11-01T03:30:00Z',
    '2020-11-01T04:30:00Z',
    '2020-11-01T05:30:00Z',
    '2020-11-02T05:30:00Z',
  ];
  for (const at of times) await addPastCall(caller, { at: new Date(at), costUsd: '0.1' });
  const read = async () => [
    ...(await operatorSql()`
      select d.dimension, s.day::text, s.calls::int
      from (values ('all'), ('project')) d (dimension)
      cross join private.sum_usage(${organizationId}, d.dimension, '2020-11-01 04:00Z', '2020-11-02 05:00Z', true) s
      order by 1, 2`),
  ];
  const day = { day: '2020-11-01', calls: 2 };
  const expected = [
    { dimension: 'all', ...day },
    { dimension: 'project', ...day },
  ];
  expect(await read()).toEqual(expected);
  await fold();
  expect(await read()).toEqual(expected);
});
