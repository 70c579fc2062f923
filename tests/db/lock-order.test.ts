import postgres, { type ISql, type ReservedSql } from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectDatabase } from '../../supabase/functions/proxy/connect-database.ts';
import { addBudget } from '../support/add-budget.ts';
import type { Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { readBalance } from '../support/ledger.ts';
import { readReady } from '../support/ready.ts';
import { describeCall, describeSettlement } from './ledger-call.ts';
import { makeSpender } from './make-spender.ts';
import { makePricedModel } from './priced-model.ts';
import { openProxyLedger, type ProxyLedger } from './proxy-ledger.ts';

let ledger: ProxyLedger;
let model: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ledger = openProxyLedger(4);
  ({ model, remove } = await makePricedModel());
});
afterAll(async () => {
  await operatorSql()`delete from public.organization_prices where model = ${model}`;
  await remove();
  await ledger.close();
});

const usage = { input_tokens: 1000, output_tokens: 30 };

async function begin({ proxyKey }: Caller, overrides = {}) {
  const call = describeCall(proxyKey, model, overrides);
  const [reservation] = await ledger.reserve(call);
  if (reservation?.ok !== true) throw new Error(`Not reserved: ${JSON.stringify(reservation)}`);
  return { id: call.id, created_at: reservation.created_at };
}

/** Does the work while a session of its own holds the organization's counter. */
async function whileCounterIsHeld<Result>(
  { organizationId }: Caller,
  work: (session: ReservedSql, pid: number) => Promise<Result>,
): Promise<Result> {
  const session = await operatorSql().reserve();
  try {
    await session`begin`;
    await session`select from private.spend_counters where organization_id = ${organizationId} for update`;
    const [row] = await session`select pg_backend_pid() as pid`;
    return await work(session, Number(row?.['pid']));
  } finally {
    await session`commit`;
    session.release();
  }
}

const inTime = { timeout: 10_000 };

/** How many sessions wait in the line that this one heads. */
async function countWaiting(pid: number, sql: ISql): Promise<number> {
  // Within a transaction it would stay as it was first seen.
  await sql`select pg_stat_clear_snapshot()`;
  const [row] = await sql`
    with recursive waiting as (
      select a.pid from pg_stat_activity a where ${pid} = any (pg_blocking_pids(a.pid))
      union select a.pid from pg_stat_activity a join waiting w on w.pid = any (pg_blocking_pids(a.pid))
    ) select count(*)::int as waiting from waiting`;
  return Number(row?.['waiting']);
}

test('[LOCK1] a settlement of a call that is late and a day that is priced again wait for each other in one order', async () => {
  const caller = await makeSpender();
  const { organizationId } = caller;
  const late = await begin(caller, { lease_seconds: 0.001 });
  await expect.poll(async () => (await readBalance(organizationId)).open_calls, { timeout: 15_000 }).toBe(0);
  const fresh = await begin(caller);
  // Priced again, the late one costs less: that has to move the counter.
  await caller.owner.db
    .from('organization_prices')
    .insert({
      organization_id: organizationId,
      provider: 'openai',
      model,
      discount_percent: 50,
      valid_from: '2020-01-02T00:00:00Z',
    })
    .throwOnError();
  const from_at = new Date(Date.now() - 3_600_000).toISOString();
  const to_at = new Date(Date.now() + 3_600_000).toISOString();
  const { settling, repriced } = await whileCounterIsHeld(caller, async (session, pid) => {
    // Waits for the counter first, and so has it first: with that it used to wait for a row that the other had locked.
    const settling = ledger.settle(describeSettlement(fresh, usage), describeSettlement(late, usage));
    await expect.poll(() => countWaiting(pid, session), inTime).toBe(1);
    const range = { organization_id: organizationId, from_at, to_at };
    const repriced = Promise.resolve(caller.owner.db.rpc('reprice_usage', range));
    await expect.poll(() => countWaiting(pid, session), inTime).toBe(2);
    return { settling, repriced };
  });
  expect(await settling).toMatchObject([{ settled: true }, { settled: true }]);
  expect((await repriced).error).toBeNull();
  expect(await readBalance(organizationId)).toMatchObject({
    ledger_usd: '0.2600000000',
    spent_usd: '0.2600000000',
    held_usd: '0.0000000000',
  });
});

test('[LOCK2] limits that were raised for a time end under the lock of the counter, as calls take it', async () => {
  const caller = await makeSpender();
  const budget = await addBudget(caller, { limit_usd: 5, period: 'day' });
  await operatorSql()`update public.budgets set regular_limit_usd = 3, raised_until = now() + interval '1 hour',
    limit_usd = 4 where id = ${budget}`;
  const { ended } = await whileCounterIsHeld(caller, async (session, pid) => {
    await operatorSql()`update public.budgets set raised_until = now() where id = ${budget}`;
    const ended = operatorSql()`select private.end_raised_budgets()`.execute();
    await expect.poll(() => countWaiting(pid, session), inTime).toBeGreaterThanOrEqual(1);
    // Whoever waits has not locked the budget yet.
    await session`set local lock_timeout = '5s'`;
    await session`update public.budgets set held_usd = held_usd where id = ${budget}`;
    return { ended };
  });
  await ended;
  const [row] = await operatorSql()`select limit_usd::float8 as usd from public.budgets where id = ${budget}`;
  expect(row?.['usd']).toBe(3);
});

test('[LOCK3] a call that was undone so that another could go on is made again by the proxy', async () => {
  const caller = await makeSpender();
  const budget = await addBudget(caller, { limit_usd: 5, period: 'day' });
  await begin(caller);
  // It notices first that two wait for each other, and so is the one that is undone.
  const proxyUrl = new URL(readReady().adminDatabaseUrl);
  proxyUrl.searchParams.set('deadlock_timeout', '5s');
  const database = connectDatabase(proxyUrl.href);
  const other = postgres(readReady().adminDatabaseUrl, { connection: { deadlock_timeout: '1min' } });
  try {
    const reserving = await other.begin(async (session) => {
      const [row] = await session`select pg_backend_pid() as pid`;
      await session`select from public.budgets where id = ${budget} for update`;
      const asked = database.callArray('reserve_calls', [describeCall(caller.proxyKey, model)]);
      await expect.poll(() => countWaiting(Number(row?.['pid']), session), inTime).toBe(1);
      await session`select from private.spend_counters where organization_id = ${caller.organizationId} for update`;
      return { asked };
    });
    expect(await reserving.asked).toMatchObject([{ ok: true }]);
  } finally {
    await other.end();
  }
});
