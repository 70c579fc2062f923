import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { operatorSql } from '../support/database.ts';
import { actAs, inRolledBackTransaction } from './act-as.ts';
import { describeCall, describeSettlement } from './ledger-call.ts';
import { makeSpender, setBudget } from './make-spender.ts';
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
  await remove();
  await ledger.close();
});

const Told = z.object({
  topic: z.string(),
  at: z.date(),
  status: z.looseObject({
    version: z.string(),
    month_usd: z.string(),
    held_usd: z.string(),
    month_calls: z.number(),
  }),
});

/** What was sent on the organization's topics of costs, in the order in which it was so. */
async function readTold(organizationId: string) {
  const rows = await operatorSql()`
    select topic, inserted_at as at, payload as status from realtime.messages
    where topic like ${`org:${organizationId}:costs:%`} and event = 'costs_moved'
    order by (payload ->> 'as_of')::timestamptz`;
  return z.array(Told).parse([...rows]);
}

/** As the schedule does each second, which runs beside: whoever is first tells. */
const tell = async (): Promise<void> => void (await operatorSql()`select private.tell_costs()`);

async function reserve(proxyKey: string, overrides: Parameters<typeof describeCall>[2] = {}) {
  const call = describeCall(proxyKey, model, overrides);
  const [reservation] = await ledger.reserve(call);
  return { call, reservation };
}

async function callOnce(proxyKey: string): Promise<void> {
  const { call, reservation } = await reserve(proxyKey);
  if (reservation?.ok !== true) throw new Error(`Not reserved: ${JSON.stringify(reservation)}`);
  await ledger.settle(
    describeSettlement({ id: call.id, created_at: reservation.created_at }, { input_tokens: 1000 }),
  );
}

test('[LVC1] what is told is what the status says to a member: held while a call runs, spent when it has ended', async () => {
  const { organizationId, proxyKey, owner } = await makeSpender();
  const { call, reservation } = await reserve(proxyKey);
  await tell();
  await expect
    .poll(async () => (await readTold(organizationId)).at(-1)?.status)
    .toMatchObject({
      held_usd: '0.2000000000',
      month_usd: '0.0000000000',
    });
  if (reservation?.ok !== true) throw new Error('Not reserved.');
  await ledger.settle(
    describeSettlement({ id: call.id, created_at: reservation.created_at }, { input_tokens: 1000 }),
  );
  await tell();
  await expect
    .poll(async () => (await readTold(organizationId)).at(-1)?.status)
    .toMatchObject({ held_usd: '0.0000000000', month_usd: '0.1000000000', month_calls: 1 });
  const told = (await readTold(organizationId)).at(-1);
  expect(told?.topic).toBe(`org:${organizationId}:costs:1`);
  const { data } = await owner.db
    .rpc('spend_status', { organization_id: organizationId })
    .single()
    .throwOnError();
  expect(told?.status).toEqual({ ...data, id: expect.any(String), as_of: expect.any(String) });
});

test('[LVC2] many calls are few messages, and the last of them has counted all', async () => {
  const { organizationId, proxyKey } = await makeSpender();
  const startedAt = Date.now();
  await Promise.all(Array.from({ length: 40 }, () => callOnce(proxyKey)));
  await expect
    .poll(async () => (await readTold(organizationId)).at(-1)?.status)
    .toMatchObject({ month_calls: 40, month_usd: '4.0000000000', held_usd: '0.0000000000' });
  const seconds = (Date.now() - startedAt) / 1_000;
  expect((await readTold(organizationId)).length).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
});

test('[LVC3] whoever is idle is told nothing, however often it is looked', async () => {
  const { organizationId, proxyKey } = await makeSpender();
  await callOnce(proxyKey);
  await tell();
  await expect.poll(async () => (await readTold(organizationId)).at(-1)?.status.month_calls).toBe(1);
  await operatorSql()`select private.fold_usage()`;
  const { length } = await readTold(organizationId);
  for (let look = 0; look < 5; look += 1) await tell();
  expect((await readTold(organizationId)).length).toBe(length);
});

test('[LVC4] a refused call takes no hold and is told all the same, folded into the rollups before or not', async () => {
  const spender = await makeSpender();
  const { organizationId, proxyKey } = spender;
  await setBudget(spender, '0.05');
  for (const count of [1, 2]) {
    const { reservation } = await reserve(proxyKey);
    expect(reservation?.ok).toBe(false);
    if (count === 2) await operatorSql()`select private.fold_usage()`;
    await tell();
    await expect.poll(async () => (await readTold(organizationId)).at(-1)?.status.month_calls).toBe(count);
  }
});

test('[LVC5] of an organization that is being deleted nothing is told, and nobody waits for it', async () => {
  const doomed = await makeSpender();
  const other = await makeSpender();
  await callOnce(doomed.proxyKey);
  await operatorSql().begin(async (deleting) => {
    await deleting`delete from public.organizations where id = ${doomed.organizationId}`;
    await callOnce(other.proxyKey);
    await tell();
    await expect.poll(async () => (await readTold(other.organizationId)).at(-1)?.status.month_calls).toBe(1);
  });
  await tell();
  const rows = await operatorSql()`
    select from private.costs_told where organization_id = ${doomed.organizationId}`;
  expect(rows.length).toBe(0);
});

test('[LVC6] no user tells, or reads what others were told', async () => {
  const { owner } = await makeSpender();
  await inRolledBackTransaction(async (session) => {
    await actAs(session, owner.userId);
    for (const statement of ['select private.tell_costs()', 'select from private.costs_told']) {
      await session`savepoint attempt`;
      await expect(session.unsafe(statement)).rejects.toMatchObject({ code: '42501' });
      await session`rollback to savepoint attempt`;
    }
  });
});

test('[LVC7] an organization whose costs cannot be told holds up nobody, and does not stay first in line', async () => {
  const [broken, healthy] = [await makeSpender(), await makeSpender()];
  for (const { proxyKey } of [broken, healthy]) await callOnce(proxyKey);
  const ids = [broken.organizationId, healthy.organizationId];
  const rows = await inRolledBackTransaction(async (session) => {
    await session`update private.costs_told set version = 0, looked_at = '-infinity' where organization_id = any (${ids})`;
    // Seen by this transaction alone.
    await session.unsafe(`
      create or replace function private.send_to_organization(organization_id uuid, stream text, event text, payload jsonb)
        returns void language plpgsql as $$
      begin
        if organization_id = '${broken.organizationId}' then raise 'It is broken.'; end if;
      end $$`);
    await session`select private.tell_costs()`;
    return session`select organization_id, version > 0 as is_told, looked_at > '-infinity' as is_looked_at
      from private.costs_told where organization_id = any (${ids})`;
  });
  expect(rows).toHaveLength(2);
  const of = (id: string) => rows.find((row) => row['organization_id'] === id);
  expect(of(broken.organizationId)).toMatchObject({ is_told: false, is_looked_at: true });
  expect(of(healthy.organizationId)).toMatchObject({ is_told: true, is_looked_at: true });
});

test('[LVC8] that something was frozen or thawed, and that alerts moved, is told to members, without saying what', async () => {
  const { organizationId, owner } = await makeSpender();
  const readEvents = async () => [
    ...(await operatorSql()`select event, payload - 'id' as payload from realtime.messages
      where topic like ${`org:${organizationId}:costs:%`} and event <> 'costs_moved' order by inserted_at`),
  ];
  const freeze = {
    organization_id: organizationId,
    scope: 'organization',
    scope_id: organizationId,
    reason: 'Odd',
  };
  await owner.db.from('freezes').insert(freeze).throwOnError();
  await owner.db.from('freezes').delete().eq('organization_id', organizationId).throwOnError();
  await operatorSql()`insert into public.alerts (organization_id, kind, severity, subject_type, subject_id, occasion)
    select ${organizationId}, 'unpriced_model', 'warning', 'model', 'openai/' || n, 'test' from generate_series(1, 3) n`;
  await owner.db.rpc('mark_alerts_seen', { organization_id: organizationId }).throwOnError();
  const events = await readEvents();
  expect(events.map(({ event }) => String(event))).toEqual([
    'freezes_moved',
    'freezes_moved',
    'alerts_moved',
    'alerts_moved',
  ]);
  expect(events.every(({ payload }) => JSON.stringify(payload) === '{}')).toBe(true);
});
