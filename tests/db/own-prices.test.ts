import { afterAll, beforeAll, expect, test } from 'vitest';
import { addBudget } from '../support/add-budget.ts';
import type { Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { readBalance } from '../support/ledger.ts';
import { makeOrganization } from '../support/organization.ts';
import { describeCall, describeSettlement } from './ledger-call.ts';
import { makeSpender } from './make-spender.ts';
import { makePricedModel } from './priced-model.ts';
import { openProxyLedger, type ProxyLedger } from './proxy-ledger.ts';

let ledger: ProxyLedger;
let model: string;
let removeModel: () => Promise<void>;
beforeAll(async () => {
  ledger = openProxyLedger();
  ({ model, remove: removeModel } = await makePricedModel());
});
afterAll(async () => {
  await operatorSql()`delete from public.organization_prices where model = ${model}`;
  await removeModel();
  await ledger.close();
});

type Entry = {
  model?: string | null;
  discount_percent?: number;
  input_usd_per_mtok?: number;
  output_usd_per_mtok?: number;
  valid_from?: string;
};

const setPrice = ({ organizationId, owner }: Caller, entry: Entry) =>
  owner.db
    .from('organization_prices')
    .insert({ organization_id: organizationId, provider: 'openai', model, ...entry })
    .select('id')
    .single()
    .throwOnError();

/** What a call of 1,000 tokens in and 100 out costs now: $0.20 by the list. */
async function costOfCall(
  { proxyKey }: Caller,
  serviceTier: string | null = null,
): Promise<string | null | undefined> {
  const call = describeCall(proxyKey, model);
  const [reservation] = await ledger.reserve(call);
  expect(reservation?.ok).toBe(true);
  const settlement = describeSettlement(
    { id: call.id, created_at: reservation?.created_at ?? null },
    { input_tokens: 1000, output_tokens: 100, service_tier: serviceTier },
  );
  return (await ledger.settle(settlement))[0]?.cost_usd;
}

test('[OWN1] a price of one’s own holds from the next call on, for nobody else', async () => {
  const [caller, other] = await Promise.all([makeSpender(), makeSpender()]);
  expect([await costOfCall(caller), await costOfCall(other)]).toEqual(['0.2000000000', '0.2000000000']);
  await setPrice(caller, { input_usd_per_mtok: 50, output_usd_per_mtok: 500.5 });
  expect([await costOfCall(caller), await costOfCall(other)]).toEqual(['0.1000500000', '0.2000000000']);
});

test('[OWN2] a discount follows the list; what is said of the model goes before what is said of all', async () => {
  const caller = await makeSpender();
  await setPrice(caller, { model: null, discount_percent: 10 });
  expect(await costOfCall(caller)).toBe('0.1800000000');
  const { data: entry } = await setPrice(caller, { discount_percent: 25 });
  expect(await costOfCall(caller)).toBe('0.1500000000');
  expect(await costOfCall(caller, 'flex'), 'a tier without a price of its own').toBe('0.1500000000');
  await operatorSql()`
    insert into public.model_prices (provider, model, valid_from, input_usd_per_mtok, output_usd_per_mtok, source)
    values ('openai', ${model}, now() - interval '1 minute', 200, 1000, 'test')`;
  await operatorSql()`select public.import_model_prices('[]', ${operatorSql().json([
    {
      provider: 'openai',
      model,
      service_tier: 'flex',
      valid_from: '2020-01-01',
      is_latest: true,
      input: 40,
      output: 400,
      context_tiers: [{ above_input_tokens: 100, output: 200 }],
    },
  ])}, 'test')`;
  expect(await costOfCall(caller), 'since the list has a new price').toBe('0.2250000000');
  expect(await costOfCall(caller, 'flex'), 'since the list has the tier').toBe('0.0450000000');
  await caller.owner.db
    .from('organization_prices')
    .delete()
    .eq('id', entry?.id ?? '')
    .throwOnError();
  expect(await costOfCall(caller)).toBe('0.2700000000');
  await operatorSql()`delete from public.model_prices where model = ${model} and (service_tier = 'flex' or valid_from > '2021-01-01')`;
});

test('[OWN3] a future price begins at its time', async () => {
  const caller = await makeSpender();
  await setPrice(caller, { discount_percent: 50, valid_from: new Date(Date.now() + 5_000).toISOString() });
  expect(await costOfCall(caller)).toBe('0.2000000000');
  await expect.poll(() => costOfCall(caller), { timeout: 15_000, interval: 500 }).toBe('0.1000000000');
});

test('[OWN4] a reservation that knows the price answers it, and another tenant’s is seen by nobody', async () => {
  const caller = await makeSpender();
  await setPrice(caller, { discount_percent: 50 });
  const { member, outsider, organizationId } = await makeOrganization();
  const own = await caller.owner.db
    .from('model_prices')
    .select('organization_id')
    .eq('organization_id', caller.organizationId);
  expect(own.data?.length).toBeGreaterThan(0);
  for (const { db } of [member, outsider]) {
    const { data } = await db.from('model_prices').select('id').eq('organization_id', caller.organizationId);
    expect(data).toEqual([]);
    const listed = await db.rpc('list_prices', { organization_id: caller.organizationId });
    expect(listed.error?.message).toBe('organization_not_found');
  }
  const theirs = await member.db.rpc('list_prices', { organization_id: organizationId }).eq('model', model);
  expect(theirs.data).toMatchObject([{ is_own: false, input_usd_per_mtok: '100.0000000000' }]);
  const mine = await caller.owner.db
    .rpc('list_prices', { organization_id: caller.organizationId })
    .eq('model', model);
  expect(mine.data).toMatchObject([{ is_own: true, input_usd_per_mtok: '50.0000000000' }]);
});

test.each([
  ['both', { discount_percent: 5, input_usd_per_mtok: 1 }],
  ['neither', {}],
  ['more than all', { discount_percent: 100.5 }],
  ['less than nothing', { input_usd_per_mtok: -1 }],
  ['rates for every model', { model: null, input_usd_per_mtok: 1 }],
])('[OWN5] %s is no price', async (_, entry: Entry) => {
  const { organizationId, owner } = await makeSpender();
  const { error } = await owner.db
    .from('organization_prices')
    .insert({ organization_id: organizationId, provider: 'openai', model, ...entry });
  expect(error?.message).toContain('organization_prices_');
});

const today = () => ({
  from_at: new Date(Date.now() - 3_600_000).toISOString(),
  to_at: new Date(Date.now() + 3_600_000).toISOString(),
});

test('[RPR1] pricing again is shown first, then moves ledger, rollups, counters and budgets alike, once', async () => {
  const caller = await makeSpender();
  const budget = await addBudget(caller, { limit_usd: 100 });
  for (let made = 0; made < 3; made += 1) await costOfCall(caller);
  const before = await readBalance(caller.organizationId);
  expect(before).toMatchObject({
    ledger_usd: '0.6000000000',
    spent_usd: '0.6000000000',
    rollups_usd: '0.6000000000',
  });
  await setPrice(caller, { discount_percent: 20, valid_from: '2026-01-01' });

  const range = { organization_id: caller.organizationId, ...today() };
  const preview = await caller.owner.db.rpc('preview_repricing', range);
  expect(preview.data).toEqual([
    { provider: 'openai', model, calls: 3, before_usd: '0.6000000000', after_usd: '0.4800000000' },
  ]);
  expect(await readBalance(caller.organizationId)).toEqual(before);

  const applied = await caller.owner.db.rpc('reprice_usage', range).single();
  expect(applied.data).toEqual({ calls: 3, before_usd: '0.6000000000', after_usd: '0.4800000000' });
  const usd = '0.4800000000';
  expect(await readBalance(caller.organizationId)).toEqual({
    ...before,
    ledger_usd: usd,
    spent_usd: usd,
    rollups_usd: usd,
  });
  const [counter] = await operatorSql()`
    select spent_usd::text as spent, held_usd::text as held from public.budgets where id = ${budget}`;
  expect(counter).toEqual({ spent: usd, held: '0.0000000000' });
  await operatorSql()`select private.fold_usage()`;
  expect(await readBalance(caller.organizationId)).toMatchObject({ rollups_usd: usd, rollup_calls: 3 });
  const { data: adjustments } = await caller.owner.db
    .from('usage_adjustments')
    .select('before_usd::text, after_usd::text')
    .eq('organization_id', caller.organizationId);
  expect(adjustments).toEqual(Array(3).fill({ before_usd: '0.2000000000', after_usd: '0.1600000000' }));

  const again = await caller.owner.db.rpc('reprice_usage', range).single();
  expect(again.data).toMatchObject({ calls: 0 });
  const { data: log } = await caller.owner.db
    .from('audit_log')
    .select('action')
    .eq('organization_id', caller.organizationId)
    .eq('subject_type', 'repricing');
  expect(log).toEqual([{ action: 'repricing.created' }]);
});

test('[RPR2] two who price again at once do it once', async () => {
  const caller = await makeSpender();
  for (let made = 0; made < 5; made += 1) await costOfCall(caller);
  await setPrice(caller, { discount_percent: 20, valid_from: '2026-01-01' });
  const range = { organization_id: caller.organizationId, ...today() };
  const runs = await Promise.all([1, 2, 3].map(() => caller.owner.db.rpc('reprice_usage', range).single()));
  expect(runs.map(({ data }) => data?.calls).toSorted((a = 0, b = 0) => a - b)).toEqual([0, 0, 5]);
  const usd = '0.8000000000';
  expect(await readBalance(caller.organizationId)).toMatchObject({
    ledger_usd: usd,
    spent_usd: usd,
    rollups_usd: usd,
  });
});

test('[RPR3] only admins price again, a day at a time', async () => {
  const { organizationId, member, admin, outsider } = await makeOrganization();
  const range = { organization_id: organizationId, ...today() };
  for (const verb of ['preview_repricing', 'reprice_usage'] as const) {
    expect((await member.db.rpc(verb, range)).error?.message).toBe('role_required');
    expect((await outsider.db.rpc(verb, range)).error?.message).toBe('organization_not_found');
    const long = { ...range, from_at: '2026-01-01T00:00:00Z' };
    expect((await admin.db.rpc(verb, long)).error?.message).toBe('span_invalid');
    expect((await admin.db.rpc(verb, { ...range, to_at: range.from_at })).error?.message).toBe(
      'span_invalid',
    );
  }
});

test('[OWN6] a discount of all there is makes calls free, which is a price: nothing is unpriced, and tokens count', async () => {
  const caller = await makeSpender();
  await setPrice(caller, { discount_percent: 100 });
  expect(await costOfCall(caller)).toBe('0.0000000000');
  const [call] =
    await operatorSql()`select cost_usd::float8 as usd, input_tokens::int as tokens from public.ai_usage
    where organization_id = ${caller.organizationId} and settled_at is not null`;
  expect(call).toEqual({ usd: 0, tokens: 1000 });
  // A budget of nothing is no budget of nothing to pay.
  await addBudget(caller, { limit_usd: 0 });
  const [refused] = await ledger.reserve(describeCall(caller.proxyKey, model));
  expect(refused).toMatchObject({ ok: false, code: 'budget_exceeded' });
});
