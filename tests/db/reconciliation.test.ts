import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { onlyOrganizationId } from '../support/organization.ts';
import { operatorSql } from '../support/database.ts';
import { addPastCall } from '../support/past-call.ts';
import { signUpPerson, type Person } from '../support/person.ts';
import { dayAgo, readReconciliationLines, readReconciliations } from '../support/reconciliation.ts';

/** Long enough ago for the provider to have reported it all. */
const day = dayAgo(5);

type Line = { kind: 'cost' | 'usage'; line_item: string } & Record<string, unknown>;

type Books = { organizationId: string; owner: Person; billingKeyId: string };

async function makeBooks(): Promise<Books> {
  const owner = await signUpPerson('owner');
  const organizationId = await onlyOrganizationId(owner);
  const billingKeyId = randomUUID();
  const { error } = await owner.db.rpc('store_billing_key', {
    id: billingKeyId,
    organization_id: organizationId,
    provider: 'openai',
    kind: 'admin',
    ciphertext: 'v1:none:AAAA:AAAA',
    last_four: 'abcd',
  });
  if (error) throw error;
  return { organizationId, owner, billingKeyId };
}

const Claim = z.object({ id: z.uuid(), lease_until: z.string() });

async function claim(billingKeyId: string | null = null): Promise<z.infer<typeof Claim> | undefined> {
  const [row] = await operatorSql()`
    select id, lease_until::text from public.claim_billing_key(${billingKeyId})`;
  return row && Claim.parse(row);
}

/** Takes over what OpenAI reports of the day, and compares. */
async function report({ billingKeyId, organizationId }: Books, ...lines: Line[]): Promise<void> {
  const sql = operatorSql();
  const lease = await claim(billingKeyId);
  if (lease === undefined) throw new Error('Nobody else should read this.');
  const dated = sql.json(JSON.parse(JSON.stringify(lines.map((line) => ({ day, ...line })))));
  await sql`select public.store_provider_report(${lease.id}, ${lease.lease_until}::text::timestamptz, ${day}, ${day}, ${dated})`;
  await sql`select public.reconcile_days(${organizationId}, 'openai', ${day}, ${day})`;
  await sql`select public.finish_billing_read(${lease.id}, ${lease.lease_until}::text::timestamptz)`;
}

const cost = (usd: string, line_item = 'gpt-4o, input'): Line => ({ kind: 'cost', line_item, cost_usd: usd });

const usage = (calls: number, more: Record<string, unknown> = {}): Line => ({
  kind: 'usage',
  line_item: 'gpt-4o',
  model: 'gpt-4o',
  requests: calls,
  input_tokens: 1000 * calls,
  output_tokens: 100 * calls,
  ...more,
});

async function onlyDay({ organizationId }: Books) {
  const [found, ...others] = await readReconciliations(organizationId);
  expect(others).toEqual([]);
  return found;
}

const noon = `${day}T12:00:00Z`;

test('[RCN1] calls that the sandbox answered are on nobody’s bill', async () => {
  const books = await makeBooks();
  await addPastCall(books.organizationId, { at: noon });
  await addPastCall(books.organizationId, { at: noon, isSandbox: true });
  await report(books, cost('0.0035'), usage(1));
  expect(await onlyDay(books)).toMatchObject({
    ours_usd: '0.0035000000',
    drift_usd: '0.0000000000',
    causes: [],
  });
});

test('[RCN2] days are UTC’s, to the instant', async () => {
  const books = await makeBooks();
  for (const at of [
    `${dayAgo(6)}T23:59:59.999Z`,
    `${day}T00:00:00Z`,
    `${day}T23:59:59.999Z`,
    `${dayAgo(4)}T00:00:00Z`,
  ]) {
    await addPastCall(books.organizationId, { at });
  }
  await operatorSql()`update public.organizations set time_zone = 'Asia/Tokyo' where id = ${books.organizationId}`;
  await report(books, cost('0.007'), usage(2));
  expect(await onlyDay(books)).toMatchObject({ ours_usd: '0.0070000000', drift_usd: '0.0000000000' });
});

test('[RCN3] a call over midnight explains that the provider has it on the other day', async () => {
  const books = await makeBooks();
  await addPastCall(books.organizationId, { at: noon });
  await addPastCall(books.organizationId, { at: `${dayAgo(6)}T23:59:00Z`, settledAt: `${day}T00:01:00Z` });
  await report(books, cost('0.007'), usage(2));
  expect(await onlyDay(books)).toMatchObject({
    causes: [{ cause: 'late_rows', usd: '0.0035000000', calls: 1 }],
  });

  await addPastCall(books.organizationId, { at: `${day}T23:59:00Z`, settledAt: `${dayAgo(4)}T00:01:00Z` });
  await report(books, cost('0.0035'), usage(1));
  expect(await onlyDay(books)).toMatchObject({
    causes: [{ cause: 'late_rows', usd: '-0.0035000000', calls: 1 }],
  });
});

test('[RCN4] estimates of ours explain tokens that differ while calls do not', async () => {
  const books = await makeBooks();
  await addPastCall(books.organizationId, { at: noon });
  await addPastCall(books.organizationId, { at: noon, isEstimated: true });
  await report(books, cost('0.0065'), usage(2, { output_tokens: 150 }));
  expect(await onlyDay(books)).toMatchObject({ causes: [{ cause: 'estimated_rows', usd: '-0.0005000000' }] });
});

test('[RCN5] what is missing there is the credential that it went through, else just missing', async () => {
  const books = await makeBooks();
  const [covered, other] = [randomUUID(), randomUUID()];
  await addPastCall(books.organizationId, {
    at: noon,
    credentialId: covered,
    inputTokens: 5000,
    costUsd: '0.0135',
  });
  await addPastCall(books.organizationId, { at: noon, credentialId: other });
  await report(books, cost('0.0135'), usage(1, { input_tokens: 5000 }));
  const [line] = await readReconciliationLines(books.organizationId);
  expect(line?.causes).toMatchObject([
    { cause: 'credential_not_covered', credential_id: other, usd: '-0.0035000000' },
  ]);
  await report(books, cost('0.007'), usage(1, { input_tokens: 2400 }));
  expect((await onlyDay(books))?.causes).toMatchObject([{ cause: 'missing_there' }]);
});

test('[RCN6] one sum for the day is divided among the models by their tokens', async () => {
  const books = await makeBooks();
  await addPastCall(books.organizationId, { at: noon });
  await addPastCall(books.organizationId, { at: noon, model: 'gpt-4o-mini', costUsd: '0.00021' });
  const mini = { line_item: 'gpt-4o-mini-2024-07-18', model: 'gpt-4o-mini-2024-07-18' };
  await report(books, cost('0.0072100000', ''), usage(2), usage(1, mini));
  expect(await onlyDay(books)).toMatchObject({
    drift_usd: '0.0035000000',
    causes: [{ cause: 'by_passed', calls: 1 }],
  });
  expect(await readReconciliationLines(books.organizationId)).toMatchObject([
    { item: 'gpt-4o', is_divided: true, drift_usd: '0.0035000000' },
    { item: 'gpt-4o-mini', is_divided: true, drift_usd: '0.0000000000', causes: [] },
  ]);
});

test('[RCN7] a model that is not called through us is by-passed traffic as a whole; one without a price here is named', async () => {
  const books = await makeBooks();
  await addPastCall(books.organizationId, { at: noon });
  await addPastCall(books.organizationId, { at: noon, model: 'gpt-99', costUsd: null });
  const unpriced = { line_item: 'gpt-99', model: 'gpt-99' };
  const strange = { line_item: 'o3', model: 'o3' };
  await report(
    books,
    cost('0.0035'),
    cost('0.5', 'gpt-99, input'),
    cost('2', 'o3-2025-04-16, output'),
    usage(1),
    usage(1, unpriced),
    usage(7, strange),
  );
  expect((await onlyDay(books))?.causes).toMatchObject([
    { cause: 'by_passed', usd: '2.0000000000', calls: 7 },
    { cause: 'unpriced_calls', usd: '0.5000000000', calls: 1 },
  ]);
});

test('[RCN8] drift alarms above both of the organization’s thresholds, at once when those change', async () => {
  const books = await makeBooks();
  await addPastCall(books.organizationId, { at: noon, costUsd: '200', inputTokens: 100_000 });
  const isAlarming = async () => (await onlyDay(books))?.is_alarming;
  await report(books, cost('201.99'));
  expect(await isAlarming(), 'less than 1 %').toBe(false);
  await report(books, cost('203'));
  expect(await isAlarming()).toBe(true);
  const change = (values: { drift_alarm_percent?: number; drift_alarm_usd?: number }) =>
    books.owner.db.from('organizations').update(values).eq('id', books.organizationId).throwOnError();
  await change({ drift_alarm_usd: 3.01 });
  expect(await isAlarming()).toBe(false);
  await change({ drift_alarm_usd: 3, drift_alarm_percent: 1.4 });
  expect(await isAlarming()).toBe(true);
});

test('[RCN9] of all who look for something due, one gets a key; whoever lost the lease stores nothing', async () => {
  const { billingKeyId, organizationId } = await makeBooks();
  const claims = await Promise.all([1, 2, 3].map(() => claim(billingKeyId)));
  expect(claims.filter((each) => each !== undefined)).toHaveLength(1);
  await operatorSql()`update public.billing_keys set lease_until = now() - interval '1 second' where id = ${billingKeyId}`;
  const later = await claim(billingKeyId);
  expect(later).toBeDefined();
  const [lost] = claims.flatMap((each) => each ?? []);
  const store = operatorSql()`
    select public.store_provider_report(${billingKeyId}, ${lost?.lease_until ?? ''}::text::timestamptz, ${day}, ${day}, '[]')`;
  await expect(store).rejects.toThrow('lease_lost');
  const [finished] = await operatorSql()`
    select public.finish_billing_read(${billingKeyId}, ${lost?.lease_until ?? ''}::text::timestamptz) as finished`;
  expect(finished?.['finished']).toBe(false);
  expect(await readReconciliations(organizationId)).toEqual([]);
});

test('[RCN10] read once, a key is due again on the next morning, UTC', async () => {
  const books = await makeBooks();
  await report(books);
  const [key] = await operatorSql()`
    select to_char(next_read_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as next, attempts from public.billing_keys
    where id = ${books.billingKeyId}`;
  expect(key).toEqual({ next: `${dayAgo(-1)} 03:00`, attempts: 0 });
});

test('[RCN11] an attempt before the last is on the bill of whoever it was made at, under its own credential', async () => {
  const books = await makeBooks();
  const failed = randomUUID();
  const attempt = {
    provider: 'openai',
    model: 'gpt-4o',
    credential_id: failed,
    cost_usd: '0.0035',
    usage: {
      input_tokens: 1000,
      cache_read_tokens: 0,
      cache_write_5m_tokens: 0,
      cache_write_1h_tokens: 0,
      output_tokens: 100,
    },
  };
  const answered = { at: noon, provider: 'anthropic', model: 'claude-haiku-4-5', costUsd: '0.0050' };
  const id = await addPastCall(books.organizationId, answered);
  await operatorSql()`update public.ai_usage set attempts = ${operatorSql().json([attempt])} where id = ${id}`;
  await report(books, cost('0.0035'), usage(1));
  expect(await onlyDay(books)).toMatchObject({
    ours_usd: '0.0035000000',
    drift_usd: '0.0000000000',
    causes: [],
  });
});

test('[RCN12] minutes of audio have no tokens, and are in our books all the same', async () => {
  const books = await makeBooks();
  await addPastCall(books.organizationId, { at: noon });
  await addPastCall(books.organizationId, { at: noon });
  await operatorSql()`
    update public.ai_usage set operation = 'audio.transcriptions', model = 'whisper-1', served_model = 'whisper-1', input_tokens = 0, output_tokens = 0,
      cache_read_tokens = 0, media = '{"seconds": 60}', cost_usd = 0.006
    where id = (select id from public.ai_usage where organization_id = ${books.organizationId} limit 1)`;
  await report(books, cost('0.0035'), cost('0.006', 'whisper-1'), usage(1));
  expect(await onlyDay(books)).toMatchObject({
    ours_usd: '0.0095000000',
    drift_usd: '0.0000000000',
    causes: [],
  });
});
