import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { postToGateway, readBillsAgain, storeAdminKey } from '../support/billing-key.ts';
import { booksOfCalls } from '../support/books-of-calls.ts';
import { makeCaller } from '../support/caller.ts';
import { keepBooks } from '../support/keep-books.ts';
import { makeBookedCalls } from '../support/make-booked-calls.ts';
import { settledLedger } from '../support/ledger.ts';
import { openaiCompletion } from '../support/provider-answers.ts';
import { paths, postToProxy } from '../support/proxy-request.ts';
import { operatorSql } from '../support/database.ts';
import { makeOrganization } from '../support/organization.ts';
import { dayAgo, readReconciliationLines, readReconciliations } from '../support/reconciliation.ts';
import { jsonScript, playScripts, readUpstreamUrl } from '../support/upstream-client.ts';

const today = dayAgo(0);
const newKey = (): string => `sk-admin-${randomUUID()}`;

test.each(['gpt-4o', 'claude-haiku-4-5'] as const)(
  '[REC1] books that are equal have no drift, whatever the provider calls %s and its money',
  async (model) => {
    const { caller, rows } = await makeBookedCalls(readUpstreamUrl(), model, 4);
    const apiKey = newKey();
    await keepBooks(apiKey, booksOfCalls(today, model, rows));
    const provider = model === 'gpt-4o' ? 'openai' : 'anthropic';
    const { read } = await storeAdminKey(caller.organizationId, caller.owner, provider, apiKey);
    expect(read).toEqual({ daysThatDiffer: 0, error: null });
    const spent = rows.reduce((sum, row) => sum + Number(row.cost_usd), 0);
    const [day, ...others] = await readReconciliations(caller.organizationId);
    expect(others).toEqual([]);
    expect(day).toMatchObject({ day: today, drift_usd: '0.0000000000', causes: [], is_alarming: false });
    expect(Number(day?.theirs_usd)).toBeCloseTo(spent, 9);
    expect(await readReconciliationLines(caller.organizationId)).toMatchObject([{ item: model, causes: [] }]);
  },
);

test.each(['gpt-4o', 'claude-haiku-4-5'] as const)(
  '[REC2] calls of %s that by-passed the proxy are named, with what they cost',
  async (model) => {
    const { caller, rows } = await makeBookedCalls(readUpstreamUrl(), model, 5);
    const apiKey = newKey();
    await keepBooks(apiKey, booksOfCalls(today, model, rows, { moreCallsPercent: 20 }));
    const provider = model === 'gpt-4o' ? 'openai' : 'anthropic';
    await storeAdminKey(caller.organizationId, caller.owner, provider, apiKey);
    const [day] = await readReconciliations(caller.organizationId);
    expect(day?.causes).toMatchObject([{ cause: 'by_passed', usd: day?.drift_usd }]);
    expect(Number(day?.drift_usd)).toBeCloseTo(Number(day?.ours_usd) / 5, 9);
    // Anthropic does not say how many calls there were.
    expect(day?.causes[0]?.calls).toBe(model === 'gpt-4o' ? 1 : undefined);
  },
);

test('[REC3] a price that moved is named, beside what by-passed at it', async () => {
  const { caller, rows } = await makeBookedCalls(readUpstreamUrl(), 'gpt-4o', 5);
  const apiKey = newKey();
  await keepBooks(apiKey, booksOfCalls(today, 'gpt-4o', rows, { pricePercent: 110 }));
  const { id } = await storeAdminKey(caller.organizationId, caller.owner, 'openai', apiKey);
  const [day] = await readReconciliations(caller.organizationId);
  expect(day?.causes).toMatchObject([{ cause: 'price_moved', usd: day?.drift_usd }]);
  const [line] = await readReconciliationLines(caller.organizationId);
  expect(line?.causes).toMatchObject([{ cause: 'price_moved', factor: '1.1000' }]);

  await keepBooks(apiKey, booksOfCalls(today, 'gpt-4o', rows, { moreCallsPercent: 20, pricePercent: 110 }));
  await readBillsAgain(id, caller.owner);
  const [again] = await readReconciliations(caller.organizationId);
  expect(again?.causes.map(({ cause }) => cause).toSorted()).toEqual(['by_passed', 'price_moved']);
  const sum = (again?.causes ?? []).reduce((total, { usd }) => total + Number(usd), 0);
  expect(sum).toBeCloseTo(Number(again?.drift_usd), 9);
});

test('[REC4] another service tier is named, and so is what is charged for besides tokens', async () => {
  const { caller, rows } = await makeBookedCalls(readUpstreamUrl(), 'claude-haiku-4-5', 4);
  const apiKey = newKey();
  const { costs, usage } = booksOfCalls(today, 'claude-haiku-4-5', rows, { pricePercent: 50, tier: 'batch' });
  const search = { day: today, item: 'Web Search Usage', amount: '12.5' };
  await keepBooks(apiKey, { costs: [...(costs ?? []), search], usage });
  await storeAdminKey(caller.organizationId, caller.owner, 'anthropic', apiKey);
  const lines = await readReconciliationLines(caller.organizationId);
  expect(lines).toMatchObject([
    { item: 'Web Search Usage', drift_usd: '0.1250000000', causes: [{ cause: 'other_charge' }] },
    { item: 'claude-haiku-4-5', causes: [{ cause: 'service_tier', tiers: ['batch'] }] },
  ]);
});

const month = Array.from({ length: 31 }, (_, days) => dayAgo(days));

test('[REC5] with an admin key the last 30 days are there before a single call, and alarm nobody', async () => {
  const caller = await makeCaller(null);
  const apiKey = newKey();
  const costs = month.map((day, index) => ({ day, item: 'gpt-4o, input', amount: `${index + 5}.25` }));
  await keepBooks(apiKey, { costs });
  const { read } = await storeAdminKey(caller.organizationId, caller.owner, 'openai', apiKey);
  expect(read).toEqual({ daysThatDiffer: 31, error: null });
  const days = await readReconciliations(caller.organizationId);
  expect(days.map(({ day }) => day)).toEqual(month);
  expect(days.map(({ theirs_usd }) => Number(theirs_usd))).toEqual(month.map((_, index) => index + 5.25));
  expect(new Set(days.map(({ is_alarming }) => is_alarming))).toEqual(new Set([false]));
  expect(new Set(days.map(({ causes }) => causes[0]?.cause))).toEqual(new Set(['before_first_call']));
});

test('[REC6] a report that arrives twice changes nothing; one that was revised replaces the first', async () => {
  const caller = await makeCaller(null);
  const apiKey = newKey();
  const costs = [
    { day: dayAgo(1), item: 'gpt-4o, input', amount: '1.5' },
    { day: dayAgo(1), item: 'Image models', amount: '2' },
  ];
  await keepBooks(apiKey, { costs });
  const { id } = await storeAdminKey(caller.organizationId, caller.owner, 'openai', apiKey);
  const readLines = () =>
    operatorSql()`select * from public.provider_report_lines where organization_id = ${caller.organizationId} order by 5`;
  const [first, found] = [await readLines(), await readReconciliations(caller.organizationId)];
  await readBillsAgain(id, caller.owner);
  expect(await readLines()).toEqual(first);
  expect(await readReconciliations(caller.organizationId)).toEqual(found);

  await keepBooks(apiKey, { costs: [{ day: dayAgo(1), item: 'gpt-4o, input', amount: '1.25' }] });
  await readBillsAgain(id, caller.owner);
  expect(await readLines()).toMatchObject([{ line_item: 'gpt-4o, input', cost_usd: '1.2500000000' }]);
  expect(await readReconciliations(caller.organizationId)).toMatchObject([{ theirs_usd: '1.2500000000' }]);
});

test('[REC7] what keeps reports from being read is said, and tried again ever later', async () => {
  const caller = await makeCaller(null);
  const unknown = newKey();
  const { id, read } = await storeAdminKey(caller.organizationId, caller.owner, 'openai', unknown);
  expect(read.error).toBe('The provider rejects this admin key.');
  const waits = [];
  for (const _ of [1, 2, 3]) {
    const [key] = await operatorSql()`
      select read_error, attempts, lease_until, extract(epoch from next_read_at - now())::float8 as wait
      from public.billing_keys where id = ${id}`;
    expect(key).toMatchObject({ read_error: read.error, lease_until: null });
    waits.push(Math.round(Number(key?.['wait']) / 60));
    await readBillsAgain(id, caller.owner);
  }
  expect(waits).toEqual([1, 2, 4]);
  await keepBooks(unknown, { status: 503 });
  expect((await readBillsAgain(id, caller.owner)).error).toBe('The provider answered 503.');
  await keepBooks(unknown, {});
  expect(await readBillsAgain(id, caller.owner)).toEqual({ daysThatDiffer: 0, error: null });
  const [key] = await operatorSql()`select read_error, attempts from public.billing_keys where id = ${id}`;
  expect(key).toMatchObject({ read_error: null, attempts: 0 });
});

test('[REC8] only admins bring keys, strangers learn nothing, and a key never comes back out', async () => {
  const { organizationId, admin, member, outsider } = await makeOrganization();
  const apiKey = newKey();
  await keepBooks(apiKey, {});
  const body = { kind: 'admin', organizationId, provider: 'openai', apiKey };
  expect(await postToGateway('/billing-keys', member, body)).toMatchObject({ status: 403 });
  expect(await postToGateway('/billing-keys', outsider, body)).toMatchObject({ status: 404 });
  expect(await postToGateway('/billing-keys', admin, { ...body, provider: 'sandbox' })).toMatchObject({
    status: 400,
  });
  const answer = await postToGateway('/billing-keys', admin, body);
  expect(answer.status).toBe(201);
  expect(JSON.stringify(answer)).not.toContain(apiKey);
  const { data } = await member.db
    .from('billing_keys')
    .select()
    .eq('organization_id', organizationId)
    .single();
  expect(data).toMatchObject({ provider: 'openai', last_four: apiKey.slice(-4) });
  expect(await postToGateway(`/billing-keys/${data?.id}/read`, member)).toMatchObject({ status: 403 });
  const aboutForeign = await postToGateway(`/billing-keys/${data?.id}/read`, outsider);
  const aboutMissing = await postToGateway(`/billing-keys/${randomUUID()}/read`, outsider);
  expect(aboutForeign).toEqual(aboutMissing);
  expect(aboutForeign.status).toBe(404);
});

test('[REC9] a prepaid balance that falls by what calls cost has no drift; what was paid in is not taken for one', async () => {
  const { caller, fall } = await callMoonshot();
  const apiKey = newKey();
  await keepBooks(apiKey, { available: 40 });
  const { id } = await storeAdminKey(caller.organizationId, caller.owner, 'moonshot', apiKey);
  expect(await readReconciliations(caller.organizationId), 'one reading says nothing').toEqual([]);
  const costUsd = await fall();
  await keepBooks(apiKey, { available: 40 - costUsd });
  await readBillsAgain(id, caller.owner);
  expect(await readReconciliations(caller.organizationId)).toMatchObject([
    { drift_usd: '0.0000000000', causes: [] },
  ]);

  await keepBooks(apiKey, { available: 40 - costUsd - 0.5 });
  await readBillsAgain(id, caller.owner);
  const [day] = await readReconciliations(caller.organizationId);
  expect(day).toMatchObject({ drift_usd: '0.5000000000', causes: [{ cause: 'not_itemized' }] });
  await keepBooks(apiKey, { available: 100 });
  await readBillsAgain(id, caller.owner);
  expect(await readReconciliations(caller.organizationId), 'money was paid in').toMatchObject([
    { drift_usd: '0.5000000000' },
  ]);
});

async function callMoonshot() {
  const caller = await makeCaller('moonshot');
  const usage = { prompt_tokens: 100_000, completion_tokens: 10_000, total_tokens: 110_000 };
  await playScripts(readUpstreamUrl(), caller.upstreamKey, jsonScript(openaiCompletion('kimi-k2.6', usage)));
  const fall = async (): Promise<number> => {
    await postToProxy(caller.proxyKey, paths.openai, JSON.stringify({ model: 'kimi-k2.6', messages: [] }));
    return Number((await settledLedger(caller.organizationId)).at(-1)?.cost_usd);
  };
  await fall();
  return { caller, fall };
}
