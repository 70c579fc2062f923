import postgres, { type ISql, type ReservedSql } from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectDatabase } from '../../supabase/functions/proxy/connect-database.ts';
import { addBudget } from '../support/add-budget.ts';
import type { Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { readBalance } from '../support/ledger.ts';
import { makeOrganization, mintProxyKey } from '../support/organization.ts';
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

/** Does the work in a transaction of a session of its own, which holds what it has locked until then. */
async function whileHeld<Result>(
  lock: (session: ReservedSql) => Promise<unknown>,
  work: (session: ReservedSql, pid: number) => Promise<Result>,
): Promise<Result> {
  const session = await operatorSql().reserve();
  try {
    await session`begin`;
    await lock(session);
    const [row] = await session`select pg_backend_pid() as pid`;
    return await work(session, Number(row?.['pid']));
  } finally {
    await session`commit`;
    session.release();
  }
}

const lockCounter = (session: ISql, { organizationId }: { organizationId: string }) =>
  session`select from private.spend_counters where organization_id = ${organizationId} for update`;

const whileCounterIsHeld = <Result>(
  caller: Caller,
  work: (session: ReservedSql, pid: number) => Promise<Result>,
): Promise<Result> => whileHeld((session) => lockCounter(session, caller), work);

/** An organization with an admin who has a personal key, has made one for all, and is about to be removed. */
async function makeLeaving() {
  const team = await makeOrganization();
  const { organizationId, projectId, owner, admin } = team;
  await owner.db
    .from('organizations')
    .update({ personal_key_limit_usd: 5 })
    .eq('id', organizationId)
    .throwOnError();
  const mint = () => admin.db.rpc('mint_personal_key', { project_id: projectId, name: 'Mine' }).single();
  const mine = await mint().throwOnError();
  await mintProxyKey(projectId, admin);
  const [shared] = await operatorSql()`
    select id from public.proxy_keys where organization_id = ${organizationId} and member_id is null`;
  const remove = (revokes_keys: boolean) => {
    const whom = { organization_id: organizationId, user_id: admin.userId, revokes_keys };
    return Promise.resolve(owner.db.rpc('remove_member', whom));
  };
  return { ...team, mint, remove, personalId: mine.data.id, sharedId: String(shared?.['id']) };
}

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
    await expect.poll(() => countWaiting(pid, session)).toBe(1);
    const range = { organization_id: organizationId, from_at, to_at };
    const repriced = Promise.resolve(caller.owner.db.rpc('reprice_usage', range));
    await expect.poll(() => countWaiting(pid, session)).toBe(2);
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
    await expect.poll(() => countWaiting(pid, session)).toBeGreaterThanOrEqual(1);
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
      await expect.poll(() => countWaiting(Number(row?.['pid']), session)).toBe(1);
      await session`select from private.spend_counters where organization_id = ${caller.organizationId} for update`;
      return { asked };
    });
    expect(await reserving.asked).toMatchObject([{ ok: true }]);
  } finally {
    await other.end();
  }
});

/** The removal has to wait for what is held, and meanwhile nobody for it: the counter is free, as for whoever goes on. */
async function removeWhileHeld(
  team: Awaited<ReturnType<typeof makeLeaving>>,
  revokesKeys: boolean,
  lock: (session: ReservedSql) => Promise<unknown>,
): Promise<{ error: unknown }> {
  const { removing } = await whileHeld(lock, async (session, pid) => {
    const removing = team.remove(revokesKeys);
    await expect.poll(() => countWaiting(pid, session)).toBe(1);
    await session`set local lock_timeout = '5s'`;
    await lockCounter(session, team);
    return { removing };
  });
  return removing;
}

test('[LOCK4] who removes a member waits for keys that are being revoked without holding the counter', async () => {
  for (const revokesKeys of [false, true]) {
    const team = await makeLeaving();
    const keyId = revokesKeys ? team.sharedId : team.personalId;
    const removed = await removeWhileHeld(
      team,
      revokesKeys,
      (session) => session`select from public.proxy_keys where id = ${keyId} for no key update`,
    );
    expect(removed.error).toBeNull();
  }
});

test('[LOCK5] … and for answers in the response cache as well', async () => {
  for (const revokesKeys of [false, true]) {
    const team = await makeLeaving();
    const keyId = revokesKeys ? team.sharedId : team.personalId;
    await operatorSql()`
      insert into private.cached_answers (project_id, digest, proxy_key_id, call_id, content_type, body, created_at, expires_at)
      values (${team.projectId}, ${'a'.repeat(64)}, ${keyId}, gen_random_uuid(), 'application/json', 'x', now(),
        now() + interval '1 day')`;
    const removed = await removeWhileHeld(
      team,
      revokesKeys,
      (session) =>
        session`select from private.cached_answers where project_id = ${team.projectId} for update`,
    );
    expect(removed.error).toBeNull();
    const left = await operatorSql()`select from private.cached_answers where project_id = ${team.projectId}`;
    expect(left).toHaveLength(0);
  }
});

test('[LOCK6] who is being removed makes neither keys nor SQL logins meanwhile', async () => {
  const team = await makeLeaving();
  const { organizationId, projectId, admin, mint } = team;
  const { making } = await whileHeld(
    (session) => session`
      delete from public.organization_members where organization_id = ${organizationId} and user_id = ${admin.userId}`,
    async (session, pid) => {
      const making = [
        mint(),
        admin.db.rpc('mint_proxy_key', { project_id: projectId, name: 'For all' }),
        admin.db.rpc('create_reporting_login', { organization_id: organizationId, name: 'Login' }),
      ].map((question) => Promise.resolve<{ error: unknown; status: number }>(question));
      await expect.poll(() => countWaiting(pid, session)).toBe(3);
      return { making };
    },
  );
  for (const made of await Promise.all(making)) expect(made.status).toBe(404);
  const [left] = await operatorSql()`
    select (select count(*)::int from public.proxy_keys where organization_id = ${organizationId}) as keys,
      (select count(*)::int from public.reporting_logins where organization_id = ${organizationId}) as logins`;
  expect(left).toEqual({ keys: 2, logins: 0 });
});
