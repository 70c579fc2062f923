import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operatorSql } from '../support/database.ts';
import { setPlan } from '../support/organization.ts';
import type { Caller } from '../support/caller.ts';
import { describeCall, describeSettlement } from './ledger-call.ts';
import { makeSpender } from './make-spender.ts';
import { makePricedModel } from './priced-model.ts';
import { openProxyLedger, type ProxyLedger } from './proxy-ledger.ts';

let ledger: ProxyLedger;
let priced: Awaited<ReturnType<typeof makePricedModel>>;
beforeAll(async () => {
  ledger = openProxyLedger(2);
  priced = await makePricedModel();
});
afterAll(async () => {
  await priced.remove();
  await ledger.close();
});

/** Of calls in the caller's ledger, in days. */
const ages = [0, 6.9, 7.1, 40, 364, 366, 700];

const whole = { from_at: '2000-01-01T00:00:00Z', to_at: '2100-01-01T00:00:00Z' };

/** A caller who made a call so many days ago, each. */
async function makeVeteran(): Promise<Caller> {
  const caller = await makeSpender();
  for (const age of ages) {
    const call = describeCall(caller.proxyKey, priced.model, { user_id: `${age} days ago` });
    const [reservation] = await ledger.reserve(call);
    await ledger.settle(
      describeSettlement({ id: call.id, created_at: reservation?.created_at ?? null }, { input_tokens: 10 }),
    );
    const of = operatorSql()`where id = ${call.id}`;
    await operatorSql()`select private.write_deltas(array_agg(u), -1) from public.ai_usage u ${of}`;
    await operatorSql()`update public.ai_usage set created_at = created_at - ${`${age} days`}::interval ${of}`;
    await operatorSql()`select private.write_deltas(array_agg(u), 1) from public.ai_usage u ${of}`;
  }
  await operatorSql()`select private.fold_usage()`;
  return caller;
}

/** The ages of what a member sees, wherever it can be looked at. */
async function lookAround({ organizationId: organization_id, owner }: Caller) {
  const { data: rows } = await owner.db
    .from('ai_usage')
    .select('user_id')
    .eq('organization_id', organization_id);
  const { data: facts } = await owner.db
    .from('usage_facts')
    .select('user_id')
    .gt('calls', 0)
    .eq('organization_id', organization_id);
  const { data: byDay } = await owner.db.rpc('break_down_usage', {
    organization_id,
    ...whole,
    dimension: 'user',
    by_day: true,
  });
  const { data: costs } = await owner.db
    .from('team_costs_daily')
    .select('request_count')
    .gt('request_count', 0)
    .eq('team_id', organization_id);
  const { data: quarters } = await owner.db
    .from('usage_quarters')
    .select('calls')
    .gt('calls', 0)
    .eq('organization_id', organization_id);
  return {
    rows: rows?.map(({ user_id }) => ageOf(user_id)).toSorted((a, b) => a - b),
    facts: facts?.map(({ user_id }) => ageOf(user_id)).toSorted((a, b) => a - b),
    charts: byDay?.map(({ key }) => ageOf(key)).toSorted((a, b) => a - b),
    costs: costs?.length,
    quarters: quarters?.length,
  };
}
const ageOf = (user: string | null): number => Number(user?.split(' ')[0]);

describe('rows and charts reach back as far as the plan shows', () => {
  let caller: Caller;
  beforeAll(async () => {
    caller = await makeVeteran();
  });

  test.each([
    ['free', [0, 6.9]],
    ['pro', [0, 6.9, 7.1, 40, 364]],
    ['enterprise', ages],
  ] as const)('[HIST1] %s', async (plan, visible) => {
    await setPlan(caller.organizationId, plan);
    const seen = await lookAround(caller);
    expect(seen.rows).toEqual(visible);
    expect(seen.facts).toEqual(visible);
    expect(seen.charts).toEqual(visible);
    expect(seen.quarters).toBe(visible.length);
    // Whole days only: the one that the history begins in is not.
    expect(seen.costs).toBeLessThanOrEqual(visible.length);
  });

  test('[HIST2] an agreed exception from the plan counts, and from the next question on', async () => {
    await setPlan(caller.organizationId, 'free', { history_days: '45' });
    expect((await lookAround(caller)).rows).toEqual([0, 6.9, 7.1, 40]);
    await setPlan(caller.organizationId, 'free', { history_days: null });
    expect((await lookAround(caller)).rows).toEqual(ages);
    await operatorSql()`
      delete from public.organization_plan_overrides
      where organization_id = ${caller.organizationId} and resource = 'history_days'`;
  });

  test('[HIST3] what is hidden is kept: nothing is lost by a smaller plan', async () => {
    await setPlan(caller.organizationId, 'free');
    await setPlan(caller.organizationId, 'enterprise');
    expect(await lookAround(caller)).toMatchObject({ rows: ages, facts: ages, charts: ages });
  });

  test('[HIST4] jobs see everything, whatever the plan', async () => {
    await setPlan(caller.organizationId, 'free');
    const [sum] = await operatorSql()`
      select sum(calls)::int as calls from public.break_down_usage(${caller.organizationId}, '2000-01-01', '2100-01-01', 'model')`;
    expect(sum?.['calls']).toBe(ages.length);
  });
});

test('[HIST5] the totals of the current month are whole on every plan', async () => {
  const caller = await makeSpender();
  const { organizationId: organization_id, owner } = caller;
  // As if the month had begun with a call, however many days ago that is.
  const call = describeCall(caller.proxyKey, priced.model);
  const [reservation] = await ledger.reserve(call);
  await ledger.settle(
    describeSettlement({ id: call.id, created_at: reservation?.created_at ?? null }, { input_tokens: 10 }),
  );
  const of = operatorSql()`where id = ${call.id}`;
  await operatorSql()`select private.write_deltas(array_agg(u), -1) from public.ai_usage u ${of}`;
  await operatorSql()`update public.ai_usage set created_at = date_trunc('month', now(), 'UTC') ${of}`;
  await operatorSql()`select private.write_deltas(array_agg(u), 1) from public.ai_usage u ${of}`;
  await setPlan(organization_id, 'free', { history_days: '0' });
  const { data: status } = await owner.db.rpc('spend_status', { organization_id }).single();
  expect(status).toMatchObject({ month_calls: 1 });
  expect(Number(status?.month_usd)).toBeGreaterThan(0);
  const { data: totals } = await owner.db.rpc('summarize_usage', { organization_id, ...whole }).single();
  expect(totals).toMatchObject({ calls: 1 });
  const breakDown = async (by_day: boolean) =>
    (await owner.db.rpc('break_down_usage', { organization_id, ...whole, dimension: 'model', by_day })).data;
  expect(await breakDown(false)).toMatchObject([{ calls: 1 }]);
  expect(await breakDown(true)).toEqual([]);
  expect((await owner.db.from('ai_usage').select('id').eq('organization_id', organization_id)).data).toEqual(
    [],
  );
});
