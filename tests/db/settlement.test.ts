import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { onlySettledCall, readBalance, readLedger, type LedgerRow } from '../support/ledger.ts';
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

const begin = async ({ proxyKey }: Caller, overrides = {}) => {
  const call = describeCall(proxyKey, model, overrides);
  const [reservation] = await ledger.reserve(call);
  if (reservation?.ok !== true) throw new Error(`Not reserved: ${JSON.stringify(reservation)}`);
  return { id: call.id, created_at: reservation.created_at };
};

/** At the prices of `makePricedModel` this is $0.13. */
const usage = { input_tokens: 1000, output_tokens: 30, reasoning_tokens: 10 };

/** Nothing is open, and the counter and the rollups say what the ledger says. */
async function expectBalance({ organizationId }: Caller, calls: number, spentUsd: string): Promise<void> {
  expect(await readBalance(organizationId)).toEqual({
    ledger_usd: spentUsd,
    spent_usd: spentUsd,
    rollups_usd: spentUsd,
    ledger_calls: calls,
    rollup_calls: calls,
    held_usd: '0.0000000000',
    open_calls: 0,
  });
}

test('[SET1] the row with its hold is there before the call, and says all of it after', async () => {
  const caller = await makeSpender();
  const call = await begin(caller, {
    user_id: 'ann',
    agent_id: 'bot',
    task_id: 't1',
    tags: ['a', 'b'],
    stream: true,
  });
  const [open] = await readLedger(caller.organizationId);
  expect(open).toMatchObject({
    id: call.id,
    status: 'reserved',
    held_usd: '0.2000000000',
    cost_usd: null,
    settled_at: null,
  });
  const rawUsage = { prompt_tokens: 1000, completion_tokens: 30, big: 12345678901234 };
  const [answer] = await ledger.settle(
    describeSettlement(call, usage, {
      raw_usage: rawUsage,
      served_model: 'served',
      upstream_request_id: 'up-1',
    }),
  );
  expect(answer).toEqual({ settled: true, cost_usd: '0.1300000000' });
  expect(await onlySettledCall(caller.organizationId)).toMatchObject({
    id: call.id,
    project_id: caller.projectId,
    user_id: 'ann',
    agent_id: 'bot',
    task_id: 't1',
    tags: ['a', 'b'],
    is_stream: true,
    is_sandbox: true,
    status: 'succeeded',
    http_status: 200,
    usage_source: 'reported',
    served_model: 'served',
    input_tokens: 1000,
    output_tokens: 30,
    reasoning_tokens: 10,
    cost_usd: '0.1300000000',
    held_usd: '0.2000000000',
    raw_usage: rawUsage,
    latency_ms: 120,
    upstream_request_id: 'up-1',
  });
  await expectBalance(caller, 1, '0.1300000000');
});

test('[SET2] settling twice changes nothing, whatever the second one says', async () => {
  const caller = await makeSpender();
  const call = await begin(caller);
  await ledger.settle(describeSettlement(call, usage));
  const first = await onlySettledCall(caller.organizationId);
  const again = await ledger.settle(
    describeSettlement(call, { input_tokens: 9, output_tokens: 9 }, { status: 'failed', http_status: 500 }),
  );
  expect(again).toEqual([{ settled: false, cost_usd: null }]);
  expect(await onlySettledCall(caller.organizationId)).toEqual(first);
  await expectBalance(caller, 1, '0.1300000000');
});

test('[SET3] of settlements at once, in one batch or in many, one counts', async () => {
  const caller = await makeSpender();
  const call = await begin(caller);
  const settlement = describeSettlement(call, usage);
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => ledger.settle(settlement, settlement, settlement)),
  );
  expect(answers.flat().filter(({ settled }) => settled)).toHaveLength(1);
  await expectBalance(caller, 1, '0.1300000000');
});

test('[SET4] what was never reserved cannot be settled', async () => {
  const [answer] = await ledger.settle(
    describeSettlement({ id: randomUUID(), created_at: new Date().toISOString() }, usage),
  );
  expect(answer).toEqual({ settled: false, cost_usd: null });
});

test('[SET5] a call whose reservation’s answer was lost gives its hold back', async () => {
  const caller = await makeSpender();
  const { id } = await begin(caller);
  const lost = { status: 'failed', http_status: 503, error_code: 'ledger_unavailable' } as const;
  expect(await ledger.settle(describeSettlement({ id, created_at: null }, {}, lost))).toEqual([
    { settled: true, cost_usd: '0.0000000000' },
  ]);
  await expectBalance(caller, 1, '0.0000000000');
});

test.each(['failed', 'aborted'] as const)(
  '[SET6] a call that %s costs what was used until then',
  async (status) => {
    const caller = await makeSpender();
    const call = await begin(caller);
    await ledger.settle(describeSettlement(call, usage, { status, usage_source: 'estimated' }));
    expect(await onlySettledCall(caller.organizationId)).toMatchObject({
      status,
      usage_source: 'estimated',
      cost_usd: '0.1300000000',
    });
  },
);

test('[SET7] a call whose lease ends is settled at what was held for it, once', async () => {
  const caller = await makeSpender();
  await begin(caller, { lease_seconds: 0 });
  const row = await sweptCall(caller);
  expect(row).toMatchObject({
    status: 'expired',
    error_code: 'lease_expired',
    usage_source: 'estimated',
    input_tokens: 1000,
    output_tokens: 100,
    cost_usd: '0.2000000000',
  });
  await operatorSql()`select private.sweep_expired_calls()`;
  await expectBalance(caller, 1, '0.2000000000');
});

test('[SET8] a late settlement replaces that estimate, once', async () => {
  const caller = await makeSpender();
  const call = await begin(caller, { lease_seconds: 0 });
  await sweptCall(caller);
  await operatorSql()`select private.fold_usage()`;
  const settlement = describeSettlement(call, usage);
  const answers = await Promise.all(Array.from({ length: 4 }, () => ledger.settle(settlement)));
  expect(answers.flat().filter(({ settled }) => settled)).toEqual([
    { settled: true, cost_usd: '0.1300000000' },
  ]);
  expect(await onlySettledCall(caller.organizationId)).toMatchObject({
    id: call.id,
    status: 'succeeded',
    usage_source: 'reported',
    error_code: null,
    cost_usd: '0.1300000000',
  });
  await expectBalance(caller, 1, '0.1300000000');
});

test('[SET9] sweeping and settling at once leaves one row and no hold', async () => {
  const caller = await makeSpender();
  const calls = await Promise.all(Array.from({ length: 20 }, () => begin(caller, { lease_seconds: 0 })));
  await Promise.all([
    operatorSql()`select private.sweep_expired_calls()`,
    ...calls.map((call) => ledger.settle(describeSettlement(call, usage))),
    operatorSql()`select private.sweep_expired_calls()`,
  ]);
  const rows = await readLedger(caller.organizationId);
  expect(rows).toHaveLength(20);
  expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['succeeded']));
  await expectBalance(caller, 20, '2.6000000000');
});

test('[SET10] a renewed lease keeps a call from the sweeper', async () => {
  const caller = await makeSpender();
  const call = await begin(caller, { lease_seconds: 5 });
  await ledger.extend({ ...call, created_at: call.created_at, output_tokens: 0, lease_seconds: 60 });
  await operatorSql()`select pg_sleep(5.2)`;
  await operatorSql()`select private.sweep_expired_calls()`;
  expect(await readLedger(caller.organizationId)).toMatchObject([{ status: 'reserved' }]);
  await ledger.settle(describeSettlement(call, usage));
});

test('[SET11] a settled call can be extended no more', async () => {
  const caller = await makeSpender();
  const call = await begin(caller);
  await ledger.settle(describeSettlement(call, usage));
  const [answer] = await ledger.extend({ ...call, output_tokens: 5000, lease_seconds: 60 });
  expect(answer).toMatchObject({ ok: false, code: 'call_not_open' });
  await expectBalance(caller, 1, '0.1300000000');
});

test('[SET12] one call that cannot be settled does not keep others from being swept', async () => {
  const [broken, sound] = [await makeSpender(), await makeSpender()];
  await begin(broken);
  // So many tokens cost more than the ledger's column can say.
  await operatorSql()`update public.open_calls set held_input_tokens = 9e18, lease_until = now()
    where organization_id = ${broken.organizationId}`;
  await begin(sound, { lease_seconds: 0 });
  try {
    expect(await sweptCall(sound)).toMatchObject({ status: 'expired' });
  } finally {
    await operatorSql()`delete from public.open_calls where organization_id = ${broken.organizationId}`;
  }
});

test('[SET13] a settled call of a month without a partition fails rather than staying open for ever', async () => {
  const caller = await makeSpender();
  const { id } = await begin(caller);
  const moved = { id: randomUUID(), settled_at: '1999-01-01' };
  await expect(
    operatorSql()`insert into public.ai_usage
      select (jsonb_populate_record(u, ${operatorSql().json(moved)})).* from public.ai_usage u where id = ${id}`,
  ).rejects.toThrow('no partition of relation "ai_usage" found');
});

test('[SET14] counters equal the ledger’s sums after a crowd of calls of every fate', async () => {
  const caller = await makeSpender();
  const fates = ['succeeded', 'failed', 'aborted', 'expired', 'refused'] as const;
  const live = async (index: number) => {
    const fate = fates[index % fates.length];
    if (fate === 'refused') return ledger.reserve(describeCall(caller.proxyKey, `unknown-${index}`));
    const call = await begin(caller, { lease_seconds: fate === 'expired' ? 0 : 60 });
    if (fate === undefined || fate === 'expired') return [];
    return ledger.settle(
      describeSettlement(call, { input_tokens: index, output_tokens: index }, { status: fate }),
    );
  };
  await Promise.all(Array.from({ length: 50 }, (_, index) => live(index)));
  await expect.poll(async () => (await readBalance(caller.organizationId)).open_calls).toBe(0);
  const rows = await readLedger(caller.organizationId);
  const statuses = rows.map(({ status }) => status);
  for (const fate of fates) expect(statuses.filter((status) => status === fate)).toHaveLength(10);
  const { spentUsd, heldUsd, recomputed } = await readCounter(caller);
  expect({ spentUsd, heldUsd }).toEqual(recomputed);
  expect(heldUsd).toBe(0);
});

test('[SET15] calls that are settled, extended and swept at once, in any order, do not stop each other', async () => {
  const caller = await makeSpender();
  for (let round = 0; round < 5; round++) {
    const calls = await Promise.all(Array.from({ length: 30 }, () => begin(caller)));
    const extensions = calls.map((call) => ({ ...call, output_tokens: 0, lease_seconds: 60 }));
    await Promise.all([
      ledger.extend(...extensions),
      ledger.extend(...extensions.toReversed()),
      operatorSql()`select private.sweep_expired_calls()`,
      ledger.settle(...calls.slice(0, 15).map((call) => describeSettlement(call, usage))),
      ledger.settle(...calls.toReversed().map((call) => describeSettlement(call, usage))),
    ]);
  }
  await expectBalance(caller, 150, '19.5000000000');
});

/** The organization's only call, once the sweeper (this one, or the one that runs every five seconds) has been there. */
async function sweptCall({ organizationId }: Caller): Promise<LedgerRow> {
  const sweep = async () => {
    await operatorSql()`select private.sweep_expired_calls()`.catch(() => {});
    return (await readLedger(organizationId)).map(({ status }) => status);
  };
  await expect.poll(sweep, { timeout: 8000 }).toEqual(['expired']);
  return onlySettledCall(organizationId);
}
