import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { operatorSql } from '../support/database.ts';
import { describeCall, describeSettlement } from './ledger-call.ts';
import { makeSpender, readCounter } from './make-spender.ts';
import { makePricedModel } from './priced-model.ts';
import { openProxyLedger, type ProxyLedger } from './proxy-ledger.ts';

let ledger: ProxyLedger;
let model: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ledger = openProxyLedger(12);
  ({ model, remove } = await makePricedModel());
});
afterAll(async () => {
  await remove();
  await ledger.close();
});

const usage = { input_tokens: 1000, output_tokens: 30 };
const Kept = z.object({
  answer: z.string().nullable(),
  status: z.string().nullable(),
  cost_usd: z.string().nullable(),
  counted_usd: z.string().nullable(),
});

async function readKept(callId: string): Promise<z.infer<typeof Kept>> {
  const [row] = await operatorSql()`select * from private.internal_calls where call_id = ${callId}`;
  return Kept.parse(row);
}

test('[INT1] a call that is sent again is admitted once, alone and in company, and holds once', async () => {
  const caller = await makeSpender();
  const call = describeCall(caller.proxyKey, model, { is_internal: true, task_id: randomUUID() });
  const answers = await Promise.all([
    ...Array.from({ length: 10 }, () => ledger.reserve(call)),
    ledger.reserve(call, describeCall(caller.proxyKey, model), call),
  ]);
  const codes = answers.flat().map(({ ok, code }) => (ok ? 'admitted' : code));
  expect(codes.filter((code) => code === 'admitted')).toHaveLength(2);
  expect(codes.filter((code) => code === 'call_repeated')).toHaveLength(11);
  const counter = await readCounter(caller);
  expect(counter.heldUsd).toBe(counter.recomputed.heldUsd);
});

test('[INT2] a settled call keeps its answer, and is not admitted again', async () => {
  const caller = await makeSpender();
  const call = describeCall(caller.proxyKey, model, { is_internal: true, task_id: randomUUID() });
  const [reserved] = await ledger.reserve(call);
  const ended = { id: call.id, created_at: reserved?.created_at ?? null };
  await ledger.settle(describeSettlement(ended, usage, { answer: 'data: {"hello": "€"}' }));
  expect(await readKept(call.id)).toMatchObject({ answer: 'data: {"hello": "€"}', status: 'succeeded' });
  expect(await ledger.reserve(call)).toMatchObject([{ ok: false, code: 'call_repeated' }]);
  const counter = await readCounter(caller);
  expect(counter).toMatchObject({ heldUsd: 0, spentUsd: counter.recomputed.spentUsd });
  const plain = describeCall(caller.proxyKey, model, { task_id: randomUUID() });
  const [admitted] = await ledger.reserve(plain);
  await ledger.settle(describeSettlement({ id: plain.id, created_at: admitted?.created_at ?? null }, usage));
  const [row] = await operatorSql()`select from private.internal_calls where call_id = ${plain.id}`;
  expect(row).toBeUndefined();
});

test('[INT3] a call that is cut off hears of it when its lease is renewed; before it was made, it never is', async () => {
  const caller = await makeSpender();
  const sql = operatorSql();
  const cut = (id: string, task: string | null) =>
    sql`select private.cancel_internal_call(${id}, ${caller.organizationId}, ${task})`;
  const call = describeCall(caller.proxyKey, model, { is_internal: true, task_id: randomUUID() });
  const [reserved] = await ledger.reserve(call);
  const renewal = {
    id: call.id,
    created_at: reserved?.created_at ?? '',
    output_tokens: 0,
    lease_seconds: 60,
  };
  expect(await ledger.extend(renewal)).toMatchObject([{ ok: true }]);
  await cut(call.id, call.task_id);
  expect(await ledger.extend(renewal)).toMatchObject([{ ok: false, code: 'call_cancelled' }]);
  const later = describeCall(caller.proxyKey, model, { is_internal: true, task_id: randomUUID() });
  await cut(later.id, later.task_id);
  expect(await ledger.reserve(later)).toMatchObject([{ ok: false, code: 'call_repeated' }]);
  const [found] = await sql`select private.find_internal_call(${later.id}) as outcome`;
  expect(found?.['outcome']).toMatchObject({ state: 'refused', code: 'call_cancelled' });
});

test('[INT4] what a refused call was refused for is found, and its id may be sent again', async () => {
  const caller = await makeSpender('0');
  const call = describeCall(caller.proxyKey, model, { is_internal: true, task_id: randomUUID() });
  expect(await ledger.reserve(call)).toMatchObject([{ ok: false, code: 'budget_exceeded' }]);
  const [found] = await operatorSql()`select private.find_internal_call(${call.id}) as outcome`;
  expect(found?.['outcome']).toEqual({ state: 'refused', code: 'budget_exceeded' });
  expect(await ledger.reserve(call)).toMatchObject([{ ok: false, code: 'budget_exceeded' }]);
});

test('[INT5] a task is charged what the ledger says, also where a call was first estimated and settled late', async () => {
  const caller = await makeSpender();
  const { owner, organizationId } = caller;
  const { data: taskId } = await owner.db
    .rpc('assign_task', { organization_id: organizationId, title: 'Task' })
    .throwOnError();
  const call = describeCall(caller.proxyKey, model, { is_internal: true, task_id: taskId, lease_seconds: 0 });
  const [reserved] = await ledger.reserve(call);
  const sql = operatorSql();
  const costOf = async (): Promise<unknown> => {
    // The stack's own executor may be faster.
    await sql`select public.count_ended_call() from generate_series(1, 20)`;
    const [row] = await sql`
      select t.cost_usd = (select sum(u.cost_usd) from public.ai_usage u where u.id = ${call.id}) as is_equal, t.cost_usd
      from public.tasks t where t.id = ${taskId}`;
    return row?.['is_equal'] === true ? row['cost_usd'] : 'unequal';
  };
  await sql`select private.sweep_expired_calls()`;
  await expect.poll(costOf).toMatch(/^0\.2/);
  await ledger.settle(
    describeSettlement({ id: call.id, created_at: reserved?.created_at ?? null }, usage, { answer: 'x' }),
  );
  await expect.poll(costOf).toMatch(/^0\.13/);
  expect(await readKept(call.id)).toMatchObject({ answer: 'x', status: 'succeeded' });
});
