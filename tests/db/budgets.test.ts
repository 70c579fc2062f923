import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { addBudget } from '../support/add-budget.ts';
import type { Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { readBalance } from '../support/ledger.ts';
import { makeOrganization, makeProject, mintProxyKey } from '../support/organization.ts';
import { describeCall, describeSettlement } from './ledger-call.ts';
import { makeSpender } from './make-spender.ts';
import { makePricedModel } from './priced-model.ts';
import { openProxyLedger, type ProxyLedger } from './proxy-ledger.ts';

let ledger: ProxyLedger;
let model: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ledger = openProxyLedger(25);
  ({ model, remove } = await makePricedModel());
});
afterAll(async () => {
  await remove();
  await ledger.close();
});

const Counters = z.object({ spentUsd: z.coerce.number(), heldUsd: z.coerce.number() });

async function readCounters(budgetId: string): Promise<z.infer<typeof Counters>> {
  const [row] = await operatorSql()`
    select spent_usd as "spentUsd", held_usd as "heldUsd" from public.budgets where id = ${budgetId}`;
  return Counters.parse(row);
}

/** What the budget's counters have to say, added up from the ledger itself. */
async function recompute(budgetId: string): Promise<z.infer<typeof Counters>> {
  const [row] = await operatorSql()`
    select coalesce(sum(u.cost_usd) filter (where u.created_at >= b.window_start), 0) as "spentUsd",
      coalesce(sum(u.held_usd) filter (where u.settled_at is null), 0) as "heldUsd"
    from public.budgets b left join public.ai_usage u on u.organization_id = b.organization_id
      and b.scope_key = any (private.scope_keys(u.organization_id, u.project_id, u.proxy_key_id, u.user_id, u.agent_id, u.tags))
    where b.id = ${budgetId} group by b.id`;
  return Counters.parse(row);
}

const reserveOne = async ({ proxyKey }: Pick<Caller, 'proxyKey'>, overrides = {}) => {
  const call = describeCall(proxyKey, model, overrides);
  const [reservation] = await ledger.reserve(call);
  if (reservation === undefined) throw new Error('No answer.');
  return { ...reservation, id: call.id };
};

/** At the prices of `makePricedModel` this is $0.13; a call holds $0.20. */
const usage = { input_tokens: 1000, output_tokens: 30 };
const settleOne = (call: { id: string; created_at: string }) =>
  ledger.settle(describeSettlement(call, usage));

const readWarnings = async (budgetId: string): Promise<number[]> => {
  const rows = await operatorSql()`
    select percent from public.budget_warnings where budget_id = ${budgetId} order by id`;
  return rows.map(({ percent }) => Number(percent));
};

test('[LIM1] of several budgets the tightest decides, is named, and nothing stays held in the others', async () => {
  const caller = await makeSpender();
  const wide = await addBudget(caller, { limit_usd: 10 });
  const tight = await addBudget(caller, { scope: 'project', scope_id: caller.projectId, limit_usd: 0.3 });
  expect(await reserveOne(caller)).toMatchObject({ ok: true });
  const refused = await reserveOne(caller);
  expect(refused).toMatchObject({
    ok: false,
    code: 'budget_exceeded',
    details: {
      budget_id: tight,
      scope: 'project',
      scope_id: caller.projectId,
      scope_name: 'Project',
      period: 'month',
      resets_at: expect.any(String),
    },
  });
  expect(Number(refused.details?.['held_usd'])).toBe(0.2);
  expect(Number(refused.details?.['limit_usd'])).toBe(0.3);
  expect(await readCounters(wide)).toEqual({ spentUsd: 0, heldUsd: 0.2 });
  expect(await readCounters(tight)).toEqual({ spentUsd: 0, heldUsd: 0.2 });
  expect(Number((await readBalance(caller.organizationId)).held_usd)).toBe(0.2);
});

test('[LIM2] of a hundred calls at once as many are let through as fit, and after settlement nothing is held', async () => {
  const caller = await makeSpender();
  const budget = await addBudget(caller, { period: 'day', limit_usd: 2 });
  const answers = await Promise.all(Array.from({ length: 100 }, () => reserveOne(caller)));
  const admitted = answers.filter(({ ok }) => ok);
  expect(admitted).toHaveLength(10);
  expect(await readCounters(budget)).toEqual({ spentUsd: 0, heldUsd: 2 });
  await Promise.all(admitted.map(settleOne));
  expect(await readCounters(budget)).toEqual({ spentUsd: 1.3, heldUsd: 0 });
});

test('[LIM3] a budget of zero lets nothing through; a soft one lets through and warns, once at each percentage', async () => {
  const [blocked, warned] = [await makeSpender(), await makeSpender()];
  await addBudget(blocked, { limit_usd: 0 });
  expect(await reserveOne(blocked)).toMatchObject({ ok: false, code: 'budget_exceeded' });

  const soft = await addBudget(warned, { limit_usd: 0.2, mode: 'soft', warn_at: [50, 100] });
  for (let made = 0; made < 5; made++) {
    const call = await reserveOne(warned);
    expect(call.ok).toBe(true);
    await settleOne(call);
  }
  expect(await readWarnings(soft)).toEqual([50, 100]);
});

test('[LIM16] a soft budget of zero warns of everything, once', async () => {
  const caller = await makeSpender();
  const budget = await addBudget(caller, { limit_usd: 0, mode: 'soft' });
  for (let made = 0; made < 3; made++) {
    const call = await reserveOne(caller);
    expect(call.ok).toBe(true);
    expect(await readWarnings(budget)).toEqual(made === 0 ? [] : [100]);
    await settleOne(call);
  }
  expect(await readWarnings(budget)).toEqual([100]);
});

test('[LIM4] users, agents and tags bind the calls that name them, and no others', async () => {
  const caller = await makeSpender();
  await addBudget(caller, { scope: 'user', scope_id: 'ann', limit_usd: 0.2 });
  await addBudget(caller, { scope: 'agent', scope_id: 'bot', limit_usd: 0.2 });
  await addBudget(caller, { scope: 'tag', scope_id: 'batch', limit_usd: 0.2 });
  const otherKey = await mintProxyKey(
    await makeProject(caller.organizationId, caller.owner, 'Other'),
    caller.owner,
  );
  for (const attribution of [{ user_id: 'ann' }, { agent_id: 'bot' }, { tags: ['x', 'batch'] }]) {
    expect(await reserveOne(caller, attribution)).toMatchObject({ ok: true });
    expect(await reserveOne({ proxyKey: otherKey }, attribution)).toMatchObject({ ok: false });
  }
  expect(await reserveOne(caller, { user_id: 'bob', agent_id: 'ann', tags: ['bot'] })).toMatchObject({
    ok: true,
  });
});

test('[LIM5] a budget knows what was spent and is held when it is made', async () => {
  const caller = await makeSpender();
  await settleOne(await reserveOne(caller, { tags: ['batch'] }));
  await reserveOne(caller, { tags: ['batch'], user_id: 'ann' });
  await settleOne(await reserveOne(caller));
  const known = await Promise.all([
    addBudget(caller, { limit_usd: 5 }),
    addBudget(caller, { scope: 'tag', scope_id: 'batch', period: 'total', limit_usd: 5 }),
    addBudget(caller, { scope: 'user', scope_id: 'ann', period: 'week', limit_usd: 5 }),
  ]);
  expect(await Promise.all(known.map(readCounters))).toEqual([
    { spentUsd: 0.26, heldUsd: 0.2 },
    { spentUsd: 0.13, heldUsd: 0.2 },
    { spentUsd: 0, heldUsd: 0.2 },
  ]);
  // It does not warn of what lies behind it.
  expect(await Promise.all(known.map(readWarnings))).toEqual([[], [], []]);
});

test('[LIM6] counters equal the ledger while budgets are made amid calls of every fate', async () => {
  const caller = await makeSpender();
  const budgets: string[] = [];
  const live = async (index: number) => {
    if (index % 10 === 0) {
      const scope = { scope: 'tag', scope_id: `t${index % 3}`, period: index % 20 === 0 ? 'day' : 'week' };
      budgets.push(
        await addBudget(caller, { ...scope, limit_usd: 1000 }).catch(() =>
          addBudget(caller, { scope: 'user', scope_id: `u${index}`, limit_usd: 1000 }),
        ),
      );
    }
    const call = await reserveOne(caller, {
      tags: [`t${index % 3}`],
      user_id: `u${index % 4}0`,
      lease_seconds: index % 5 === 0 ? 0 : 60,
    });
    if (index % 5 === 0) await operatorSql()`select private.sweep_expired_calls()`;
    if (index % 7 !== 0) await settleOne(call);
  };
  await Promise.all(Array.from({ length: 60 }, (_, index) => live(index)));
  expect(budgets).toHaveLength(6);
  for (const budget of budgets) expect.soft(await readCounters(budget)).toEqual(await recompute(budget));
});

test('[LIM7] a stream that outgrows its hold gets more while its budgets have room, and no further', async () => {
  const caller = await makeSpender();
  const budget = await addBudget(caller, { scope: 'project', scope_id: caller.projectId, limit_usd: 1 });
  const call = await reserveOne(caller, { max_output_tokens: null, lease_seconds: 60 });
  expect(call.ok).toBe(false);
  const short = await reserveOne(caller, { max_output_tokens: 100 });
  const extend = async (output_tokens: number) =>
    (
      await ledger.extend({ id: short.id, created_at: short.created_at, output_tokens, lease_seconds: 60 })
    )[0];
  expect(await extend(700)).toMatchObject({ ok: true });
  const before = await readCounters(budget);
  expect(before.heldUsd).toBeGreaterThan(0.2);
  expect(await extend(5000)).toMatchObject({
    ok: false,
    code: 'budget_exceeded',
    details: { budget_id: budget },
  });
  expect(await readCounters(budget)).toEqual(before);
  expect(Number((await readBalance(caller.organizationId)).held_usd)).toBe(before.heldUsd);
});

test('[LIM8] a reservation says how much room the tightest hard budget has left', async () => {
  const caller = await makeSpender('50');
  const remaining = async () => {
    const [row] = await operatorSql()`
      select private.reserve_calls(${operatorSql().json([{ ...describeCall(caller.proxyKey, model) }])}) -> 0
        ->> 'budget_remaining_usd' as usd`;
    return Number(row?.['usd']);
  };
  expect(await remaining()).toBe(49.8);
  await addBudget(caller, { limit_usd: 3 });
  await addBudget(caller, { period: 'day', limit_usd: 0.1, mode: 'soft' });
  expect(await remaining()).toBe(2.6);
});

describe('windows', () => {
  const window = async (period: string, zone: string, at: string): Promise<[string, string]> => {
    const [row] = await operatorSql()`
      select window_start::text, window_end::text from private.budget_window(${period}, ${zone}, ${at}::timestamptz)`;
    return [String(row?.['window_start']), String(row?.['window_end'])];
  };

  test.each([
    ['day', 'America/New_York', '2026-03-08T12:00Z', '2026-03-08 05:00:00+00', '2026-03-09 04:00:00+00'],
    ['day', 'America/New_York', '2026-11-01T12:00Z', '2026-11-01 04:00:00+00', '2026-11-02 05:00:00+00'],
    ['day', 'Asia/Kathmandu', '2026-05-05T18:20Z', '2026-05-05 18:15:00+00', '2026-05-06 18:15:00+00'],
    // Clocks go from midnight to one: the day begins at one.
    ['day', 'Africa/Cairo', '2026-04-24T10:00Z', '2026-04-23 22:00:00+00', '2026-04-24 21:00:00+00'],
    // From one to midnight, which comes twice: the day begins with the first.
    ['day', 'Atlantic/Azores', '2026-10-25T00:30Z', '2026-10-25 00:00:00+00', '2026-10-26 01:00:00+00'],
    ['month', 'America/Havana', '2026-10-31T12:00Z', '2026-10-01 04:00:00+00', '2026-11-01 04:00:00+00'],
    ['week', 'Europe/Berlin', '2026-03-29T20:00Z', '2026-03-22 23:00:00+00', '2026-03-29 22:00:00+00'],
    ['month', 'Europe/Berlin', '2026-03-31T22:30Z', '2026-03-31 22:00:00+00', '2026-04-30 22:00:00+00'],
    ['month', 'Pacific/Auckland', '2026-12-31T10:59:59Z', '2026-11-30 11:00:00+00', '2026-12-31 11:00:00+00'],
    ['total', 'UTC', '2026-12-31T10:59:59Z', '-infinity', 'infinity'],
  ])('[LIM9] the %s of %s at %s', async (period, zone, at, start, end) => {
    expect(await window(period, zone, at)).toEqual([start, end]);
  });

  test('[LIM10] when one has ended the next call opens the next, spent anew, with what is held still held', async () => {
    const caller = await makeSpender();
    const budget = await addBudget(caller, { period: 'day', limit_usd: 0.5, warn_at: [10] });
    await settleOne(await reserveOne(caller));
    await reserveOne(caller);
    expect(await readWarnings(budget)).toEqual([10]);
    expect(await reserveOne(caller)).toMatchObject({ ok: false });
    // As if all of it had been yesterday.
    const count = (
      sign: number,
    ) => operatorSql()`select private.write_deltas(array_agg(u), ${sign}) from public.ai_usage u
      where organization_id = ${caller.organizationId} and settled_at is not null`;
    await count(-1);
    await operatorSql()`update public.ai_usage set created_at = created_at - interval '1 day'
      where organization_id = ${caller.organizationId} and settled_at is not null`;
    await count(1);
    await operatorSql()`update public.budgets set window_start = window_start - interval '1 day',
      window_end = window_end - interval '1 day' where id = ${budget}`;
    const next = await reserveOne(caller);
    expect(next).toMatchObject({ ok: true });
    expect(await readCounters(budget)).toEqual({ spentUsd: 0, heldUsd: 0.4 });
    await settleOne(next);
    expect(await readWarnings(budget)).toEqual([10, 10]);
  });

  test('[LIM11] they move with the organization’s zone', async () => {
    const caller = await makeSpender();
    const budget = await addBudget(caller, { period: 'day', limit_usd: 5 });
    await settleOne(await reserveOne(caller));
    const { error } = await caller.owner.db
      .from('organizations')
      .update({ time_zone: 'Pacific/Kiritimati' })
      .eq('id', caller.organizationId);
    expect(error).toBeNull();
    const [row] = await operatorSql()`
      select to_char(window_start at time zone 'Pacific/Kiritimati', 'HH24:MI') as starts from public.budgets
      where id = ${budget}`;
    expect(row?.['starts']).toBe('00:00');
    expect(await readCounters(budget)).toEqual(await recompute(budget));
  });
});

test('[LIM12] raising and removing a budget hold from the next call on', async () => {
  const caller = await makeSpender();
  const budget = await addBudget(caller, { limit_usd: 0.1 });
  expect(await reserveOne(caller)).toMatchObject({ ok: false });
  await caller.owner.db.from('budgets').update({ limit_usd: 0.3 }).eq('id', budget);
  expect(await reserveOne(caller)).toMatchObject({ ok: true });
  expect(await reserveOne(caller)).toMatchObject({ ok: false });
  await caller.owner.db.from('budgets').delete().eq('id', budget);
  expect(await reserveOne(caller)).toMatchObject({ ok: true });
});

test('[LIM13] whoever is not of an organization learns nothing of its projects by trying to limit them', async () => {
  const { organizationId, projectId, outsider, member } = await makeOrganization();
  for (const person of [outsider, member]) {
    const refusals = await Promise.all(
      [projectId, '00000000-0000-4000-8000-00000000dead'].map(async (scope_id) => {
        const { error } = await person.db.from('budgets').insert({
          organization_id: organizationId,
          scope: 'project',
          scope_id,
          period: 'day',
          limit_usd: 1,
        });
        return error;
      }),
    );
    expect(refusals[0]).toEqual(refusals[1]);
    expect(refusals[0]?.code).toBe('42501');
  }
});

test('[LIM15] what is no budget is refused, when it is made and when it is changed', async () => {
  const { organizationId, owner } = await makeOrganization();
  const budget = {
    organization_id: organizationId,
    scope: 'user',
    scope_id: 'ada',
    period: 'day',
    limit_usd: 1,
  };
  const wrong = [
    { scope: 'planet' },
    { scope_id: '' },
    { scope_id: 'a'.repeat(20_000) },
    { scope: 'tag', scope_id: 'a'.repeat(65) },
    { period: 'year' },
    { mode: 'firm' },
    { limit_usd: -1 },
    { warn_at: [0] },
    { warn_at: [1001] },
    { warn_at: Array.from({ length: 11 }, (_, n) => n + 1) },
  ];
  for (const values of wrong) {
    const { status, error } = await owner.db.from('budgets').insert({ ...budget, ...values });
    expect({ values, status, message: error?.message }).toMatchObject({
      status: 400,
      message: 'budget_invalid',
    });
  }
  await owner.db.from('budgets').insert(budget).throwOnError();
  for (const values of [{ mode: 'firm' }, { limit_usd: -1 }, { warn_at: [0] }]) {
    const { status, error } = await owner.db
      .from('budgets')
      .update(values)
      .eq('organization_id', organizationId);
    expect({ values, status, message: error?.message }).toMatchObject({
      status: 400,
      message: 'budget_invalid',
    });
  }
  const kept = await owner.db
    .from('budgets')
    .select('mode, limit_usd, warn_at')
    .eq('organization_id', organizationId);
  expect(kept.data).toEqual([{ mode: 'hard', limit_usd: 1, warn_at: [50, 80, 90, 100] }]);
});

test('[LIM14] budgets come, change and go amid traffic, and no call waits for that in vain', async () => {
  const caller = await makeSpender();
  const live = async () => {
    for (let made = 0; made < 12; made++) {
      const call = await reserveOne(caller);
      expect(call.ok).toBe(true);
      await settleOne(call);
    }
  };
  const administer = async (scope_id: string) => {
    for (let made = 0; made < 5; made++) {
      const budget = await addBudget(caller, { scope: 'project', scope_id, period: 'day', limit_usd: 1000 });
      await operatorSql()`update public.budgets set limit_usd = limit_usd + 1 where id = ${budget}`;
      await operatorSql()`delete from public.budgets where id = ${budget}`;
    }
  };
  await Promise.all([live(), live(), live(), live(), administer(caller.projectId)]);
  expect(Number((await readBalance(caller.organizationId)).held_usd)).toBe(0);
});
