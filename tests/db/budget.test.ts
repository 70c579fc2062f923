import { afterAll, beforeAll, expect, test } from 'vitest';
import { operatorSql } from '../support/database.ts';
import type { Caller } from '../support/caller.ts';
import { readBalance, readLedger } from '../support/ledger.ts';
import { describeCall, describeSettlement } from './ledger-call.ts';
import { makeSpender, readCounter, setBudget } from './make-spender.ts';
import { makePricedModel } from './priced-model.ts';
import { openProxyLedger, type ProxyLedger } from './proxy-ledger.ts';

/** What `describeCall` holds at the prices of `makePricedModel`: 1000 × $0.0001 + 100 × $0.001. */
const holdUsd = 0.2;

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

const reserveOne = async ({ proxyKey }: Caller, overrides = {}) => {
  const call = describeCall(proxyKey, model, overrides);
  const [reservation] = await ledger.reserve(call);
  if (reservation === undefined) throw new Error('No answer.');
  return { ...reservation, id: call.id };
};

const times = <Result>(count: number, make: () => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, make));

test('[BUD1] fifty reservations at once fill a budget to the cent and no further', async () => {
  const caller = await makeSpender('2');
  const answers = await times(50, () => reserveOne(caller));
  expect(answers.filter(({ ok }) => ok)).toHaveLength(2 / holdUsd);
  expect(await readCounter(caller)).toEqual({
    spentUsd: 0,
    heldUsd: 2,
    recomputed: { spentUsd: 0, heldUsd: 2 },
  });
  const refused = (await readLedger(caller.organizationId)).filter(({ status }) => status === 'refused');
  expect(refused).toHaveLength(40);
  expect(new Set(refused.map(({ id }) => id)).size).toBe(40);
});

test('[BUD2] so do ten batches of five at once', async () => {
  const caller = await makeSpender('2');
  const batch = () => Array.from({ length: 5 }, () => describeCall(caller.proxyKey, model));
  const answers = (await times(10, () => ledger.reserve(...batch()))).flat();
  expect(answers.filter(({ ok }) => ok)).toHaveLength(2 / holdUsd);
  expect((await readCounter(caller)).heldUsd).toBe(2);
});

test('[BUD3] a refusal says what stands against the call, leaves no hold and one row', async () => {
  const caller = await makeSpender('0.3');
  await reserveOne(caller);
  const before = await readCounter(caller);
  const refusal = await reserveOne(caller);
  expect(refusal).toMatchObject({
    ok: false,
    code: 'budget_exceeded',
    details: { limit_usd: '0.3', period: 'month', resets_at: expect.any(String) },
  });
  expect(Number(refusal.details?.['held_usd'])).toBe(holdUsd);
  expect(Number(refusal.details?.['needed_usd'])).toBe(holdUsd);
  expect(Number(refusal.details?.['spent_usd'])).toBe(0);
  expect(await readCounter(caller)).toEqual(before);
  const [row, ...more] = (await readLedger(caller.organizationId)).filter(({ id }) => id === refusal.id);
  expect(more).toEqual([]);
  expect(row).toMatchObject({ status: 'refused', error_code: 'budget_exceeded', held_usd: '0.0000000000' });
  expect(Number(row?.cost_usd)).toBe(0);
  expect(row?.settled_at).not.toBeNull();
});

test('[BUD4] spent and held never exceed the limit while calls come and go', async () => {
  const caller = await makeSpender('2');
  let isOver = false;
  const seen: number[] = [];
  const watch = async () => {
    while (!isOver) {
      const { spentUsd, heldUsd } = await readCounter(caller);
      seen.push(spentUsd + heldUsd);
    }
  };
  await reserveOne(caller).then(settleCheaply);
  const watching = watch();
  const answers = await times(50, () => reserveOne(caller).then(settleCheaply));
  isOver = true;
  await watching;
  // Each costs $0.12 in the end, so that settling makes room for further calls.
  const admitted = answers.filter((isAdmitted) => isAdmitted).length + 1;
  expect(admitted).toBeGreaterThanOrEqual(10);
  expect(seen.length).toBeGreaterThan(3);
  expect(Math.max(...seen)).toBeLessThanOrEqual(2 + 1e-9);
  const { spentUsd, heldUsd, recomputed } = await readCounter(caller);
  expect(spentUsd).toBeCloseTo(admitted * 0.12, 9);
  expect({ spentUsd, heldUsd }).toEqual(recomputed);
  expect(await readBalance(caller.organizationId)).toMatchObject({ open_calls: 0, ledger_calls: 51 });
});

async function settleCheaply(reservation: Awaited<ReturnType<typeof reserveOne>>): Promise<boolean> {
  if (reservation.ok) {
    await ledger.settle(describeSettlement(reservation, { input_tokens: 1000, output_tokens: 20 }));
  }
  return reservation.ok;
}

test('[BUD5] a budget of zero lets nothing be spent, on any plan', async () => {
  const caller = await makeSpender('0');
  expect(await reserveOne(caller)).toMatchObject({ ok: false, code: 'budget_exceeded' });
  expect((await readCounter(caller)).heldUsd).toBe(0);
});

test('[BUD6] without an agreed budget Enterprise may spend nothing, Free $50', async () => {
  const caller = await makeSpender();
  const sql = operatorSql();
  await sql`delete from public.organization_plan_overrides where organization_id = ${caller.organizationId}`;
  expect(await reserveOne(caller)).toMatchObject({ ok: false, code: 'budget_exceeded' });
  await sql`update public.organizations set plan = 'free' where id = ${caller.organizationId}`;
  expect(await reserveOne(caller, { input_tokens: 499_000 })).toMatchObject({ ok: true });
  expect(await reserveOne(caller)).toMatchObject({ ok: false, details: { limit_usd: '50' } });
});

test('[BUD7] unlimited is said, never implied by a missing number', async () => {
  const caller = await makeSpender();
  await setBudget(caller, null);
  expect(await reserveOne(caller, { input_tokens: 100_000_000 })).toMatchObject({ ok: true });
  await expect(
    operatorSql()`update public.organization_plan_overrides set is_unlimited = false
      where organization_id = ${caller.organizationId}`,
  ).rejects.toThrow('organization_plan_overrides_amount_or_unlimited');
});

test('[BUD8] a new budget holds from the next call on, up and down', async () => {
  const caller = await makeSpender('0.2');
  expect(await reserveOne(caller)).toMatchObject({ ok: true });
  expect(await reserveOne(caller)).toMatchObject({ ok: false });
  await setBudget(caller, '0.4');
  expect(await reserveOne(caller)).toMatchObject({ ok: true });
  await setBudget(caller, '0.5');
  expect(await reserveOne(caller)).toMatchObject({ ok: false });
});

test('[BUD9] a hold grows with the answer, in steps, while there is room', async () => {
  const caller = await makeSpender('2');
  const call = await reserveOne(caller, { max_output_tokens: null, input_tokens: 0 });
  // Nothing is known of this key's calls yet: a thousand tokens, $1.
  expect(call).toMatchObject({ ok: true, held_output_tokens: 1000 });
  const extend = async (outputTokens: number) => {
    const { id, created_at } = call;
    return (await ledger.extend({ id, created_at, output_tokens: outputTokens, lease_seconds: 60 }))[0];
  };
  expect(await extend(0)).toMatchObject({ ok: true, held_output_tokens: 1000 });
  expect(await extend(1000)).toMatchObject({ ok: true, held_output_tokens: 1000 });
  expect(await extend(1001)).toMatchObject({ ok: true, held_output_tokens: 1501 });
});

test('[BUD10] where there is no room for a step, nothing more is held', async () => {
  const caller = await makeSpender('1.2');
  const call = await reserveOne(caller, { max_output_tokens: null, input_tokens: 0 });
  const before = await readCounter(caller);
  const { id, created_at } = call;
  const [answer] = await ledger.extend({ id, created_at, output_tokens: 1001, lease_seconds: 60 });
  expect(answer).toMatchObject({ ok: false, code: 'budget_exceeded', details: { limit_usd: '1.2' } });
  expect(await readCounter(caller)).toEqual(before);
});

test('[BUD11] streams that outgrow their holds at once stay within the limit together', async () => {
  const caller = await makeSpender('5');
  const calls = await times(4, () => reserveOne(caller, { max_output_tokens: null, input_tokens: 0 }));
  expect(calls.every(({ ok }) => ok)).toBe(true);
  const answers = await Promise.all(
    calls.flatMap(({ id, created_at }) =>
      [1001, 1502].map((outputTokens) =>
        ledger.extend({ id, created_at, output_tokens: outputTokens, lease_seconds: 60 }),
      ),
    ),
  );
  expect(answers.flat().some(({ ok }) => !ok)).toBe(true);
  const { heldUsd, recomputed } = await readCounter(caller);
  expect(heldUsd).toBeLessThanOrEqual(5);
  expect(heldUsd).toBe(recomputed.heldUsd);
});

test('[BUD12] a month that has ended takes its spending along, and what is held stays held', async () => {
  const caller = await makeSpender('1');
  const spent = await reserveOne(caller);
  const open = await reserveOne(caller);
  await ledger.settle(describeSettlement(spent, { input_tokens: 1000, output_tokens: 700 }));
  expect(await reserveOne(caller)).toMatchObject({ ok: false });
  await letMonthPass(caller);
  expect(await reserveOne(caller)).toMatchObject({ ok: true });
  expect(await readCounter(caller)).toMatchObject({ spentUsd: 0, heldUsd: 2 * holdUsd });
  // What was begun last month is last month's spending.
  await ledger.settle(describeSettlement(open, { input_tokens: 1000, output_tokens: 700 }));
  expect(await readCounter(caller)).toMatchObject({ spentUsd: 0, heldUsd: holdUsd });
});

test('[BUD13] another time zone does not make a new budget', async () => {
  const caller = await makeSpender('1');
  const call = await reserveOne(caller);
  await ledger.settle(describeSettlement(call, { input_tokens: 1000, output_tokens: 800 }));
  for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Europe/Berlin']) {
    await caller.owner.db.from('organizations').update({ time_zone: zone }).eq('id', caller.organizationId);
    expect.soft(await reserveOne(caller), zone).toMatchObject({ ok: false, code: 'budget_exceeded' });
    const { data } = await caller.owner.db
      .rpc('spend_status', { organization_id: caller.organizationId })
      .single();
    expect.soft(Number(data?.month_usd), zone).toBe(0.9);
  }
  // A zone further east ends the counter's month early; back in the west it is this month again.
  await operatorSql()`
    update private.spend_counters set window_end = now() where organization_id = ${caller.organizationId}`;
  expect(await reserveOne(caller)).toMatchObject({ ok: false, code: 'budget_exceeded' });
  expect(await readCounter(caller)).toMatchObject({ spentUsd: 0.9, recomputed: { spentUsd: 0.9 } });
});

/** As if the organization's calls so far, and its counter, were of the month before. */
async function letMonthPass({ organizationId }: Caller): Promise<void> {
  const sql = operatorSql();
  await sql`update public.ai_usage set created_at = created_at - interval '1 month'
    where organization_id = ${organizationId}`;
  await sql`update private.spend_counters
    set window_start = window_start - interval '1 month', window_end = window_end - interval '1 month'
    where organization_id = ${organizationId}`;
}
