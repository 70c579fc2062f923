import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { makeCaller, type Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { onlySettledCall, readBalance, settledLedger } from '../support/ledger.ts';
import { liftRateLimits, mintProxyKey } from '../support/organization.ts';
import { storeProviderKey } from '../support/provider-key.ts';
import {
  encodeEvents,
  openaiChunks,
  openaiCompletion,
  openaiUsageChunk,
} from '../support/provider-answers.ts';
import { paths, postToProxy } from '../support/proxy-request.ts';
import { openaiClient } from '../support/sdk.ts';
import { setRateLimit } from '../support/set-rate-limit.ts';
import {
  bytesStep,
  jsonScript,
  playScripts,
  readJournal,
  readUpstreamUrl,
  streamScript,
} from '../support/upstream-client.ts';
import type { Script } from '../support/upstream.ts';

const model = 'gpt-4o-mini';
const usage = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };
/** At $0.15 and $0.60 a million tokens. */
const costUsd = '0.0000270000';
const works = jsonScript(openaiCompletion(model, usage));
const fails = (status: number, headers: Record<string, string> = {}): Script => ({
  ...jsonScript(
    { error: { message: 'Not now.', type: 'server_error', param: null, code: 'their_code' } },
    status,
  ),
  headers: { 'content-type': 'application/json', ...headers },
});
const disconnects: Script = { isDead: true, steps: [] };

let upstreamUrl: string;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});

type Pair = { caller: Caller; first: string; second: string };

/** A caller with two OpenAI keys, the first of which comes first. */
async function makePair(): Promise<Pair> {
  const caller = await makeCaller('openai');
  const second = await storeProviderKey(caller.organizationId, caller.owner, 'openai');
  await liftRateLimits(caller.organizationId);
  await setCredential(caller, caller.upstreamKey, { priority: 10 });
  return { caller, first: caller.upstreamKey, second };
}

async function setCredential(
  { organizationId, owner }: Caller,
  key: string,
  values: { priority?: number; weight?: number; is_active?: boolean },
): Promise<void> {
  const { error } = await owner.db
    .from('provider_credentials')
    .update(values)
    .eq('organization_id', organizationId)
    .eq('last_four', key.slice(-4));
  if (error) throw error;
}

async function credentialIdOf({ owner }: Caller, key: string): Promise<string> {
  const found = owner.db.from('provider_credentials').select('id').eq('last_four', key.slice(-4));
  const { data } = await found.single().throwOnError();
  return data.id;
}

/** Lets the organization's clients ask for `smart`. */
async function nameSmart({ organizationId, owner }: Caller, targets: string[]): Promise<void> {
  await owner.db
    .from('model_aliases')
    .insert({ organization_id: organizationId, name: 'smart', targets })
    .throwOnError();
}

const body = (members: object = {}) =>
  JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }], ...members });
const ask = (caller: Caller, members: object = {}, proxyKey = caller.proxyKey) =>
  postToProxy(proxyKey, paths.openai, body(members));
const timesAsked = async (key: string) => (await readJournal(upstreamUrl, key)).length;

const Attempts = z.array(
  z.object({
    code: z.string(),
    http_status: z.number(),
    cost_usd: z.string().nullable(),
    usage_source: z.string(),
    credential_id: z.string(),
    provider: z.string(),
    model: z.string(),
    latency_ms: z.number(),
  }),
);

async function readAttempts(callId: string) {
  const [row] = await operatorSql()`
    select attempts, usage_source, model, model_alias, provider, cost_usd::text as cost_usd
    from public.ai_usage where id = ${callId}`;
  return {
    attempts: Attempts.parse(row?.['attempts'] ?? []),
    ...z
      .object({
        usage_source: z.string(),
        model: z.string(),
        model_alias: z.string().nullable(),
        provider: z.string(),
        cost_usd: z.string(),
      })
      .parse(row),
  };
}

test.each([
  ['a 500', fails(500), 500],
  ['a 429', fails(429, { 'retry-after': '60' }), 429],
  ['a 401 of our key', fails(401), 401],
])('[FAIL1] %s of one credential is served by the next, once', async (_, script, status) => {
  const { caller, first, second } = await makePair();
  await playScripts(upstreamUrl, first, script);
  await playScripts(upstreamUrl, second, works);
  const response = await ask(caller);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ usage });
  const call = await onlySettledCall(caller.organizationId);
  expect(call).toMatchObject({ status: 'succeeded', http_status: 200, cost_usd: costUsd });
  const { attempts, usage_source } = await readAttempts(call.id);
  expect(attempts).toMatchObject([
    { http_status: status, cost_usd: '0.0000000000', provider: 'openai', model },
  ]);
  expect(usage_source).toBe('reported');
  expect([await timesAsked(first), await timesAsked(second)]).toEqual([1, 1]);
  expect(await readBalance(caller.organizationId)).toMatchObject({ held_usd: '0.0000000000', open_calls: 0 });
});

test('[FAIL2] with one credential it is tried again a moment later, and every attempt stands in the row', async () => {
  const caller = await makeCaller('openai');
  await playScripts(upstreamUrl, caller.upstreamKey, fails(503), fails(500), works);
  const response = await ask(caller);
  expect(response.status).toBe(200);
  const call = await onlySettledCall(caller.organizationId);
  const { attempts } = await readAttempts(call.id);
  expect(attempts.map(({ http_status }) => http_status)).toEqual([503, 500]);
  expect(await timesAsked(caller.upstreamKey)).toBe(3);
});

test('[FAIL3] after as many attempts as the organization wants the last answer is handed on as it is', async () => {
  const caller = await makeCaller('openai');
  await playScripts(upstreamUrl, caller.upstreamKey, fails(503));
  const response = await ask(caller);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ error: { message: 'Not now.' } });
  expect(await timesAsked(caller.upstreamKey)).toBe(3);
  const update = caller.owner.db.from('organizations').update({ max_attempts: 1 });
  await update.eq('id', caller.organizationId).throwOnError();
  expect((await ask(caller)).status).toBe(503);
  expect(await timesAsked(caller.upstreamKey)).toBe(4);
  const calls = await settledLedger(caller.organizationId);
  expect(calls.map(({ status, cost_usd }) => [status, cost_usd])).toEqual([
    ['failed', '0.0000000000'],
    ['failed', '0.0000000000'],
  ]);
});

test('[FAIL4] what upstream says is not to be tried again, or is the client’s own fault, is not', async () => {
  const caller = await makeCaller('openai');
  await playScripts(upstreamUrl, caller.upstreamKey, fails(500, { 'x-should-retry': 'false' }));
  expect((await ask(caller)).status).toBe(500);
  await playScripts(upstreamUrl, caller.upstreamKey, fails(400));
  expect((await ask(caller)).status).toBe(400);
  await playScripts(upstreamUrl, caller.upstreamKey, fails(404));
  expect((await ask(caller)).status).toBe(404);
  expect(await timesAsked(caller.upstreamKey)).toBe(3);
});

test('[FAIL5] a connection that dies before the answer counts what it may have cost, as an estimate', async () => {
  const { caller, first, second } = await makePair();
  await playScripts(upstreamUrl, first, disconnects);
  await playScripts(upstreamUrl, second, works);
  expect((await ask(caller)).status).toBe(200);
  const call = await onlySettledCall(caller.organizationId);
  const { attempts, usage_source, cost_usd } = await readAttempts(call.id);
  expect(attempts).toMatchObject([{ code: 'upstream_disconnected', usage_source: 'estimated' }]);
  expect(usage_source).toBe('estimated');
  const lost = Number(attempts[0]?.cost_usd);
  expect(lost).toBeGreaterThan(0);
  expect(Number(cost_usd)).toBeCloseTo(Number(costUsd) + lost, 10);
  const { spent_usd } = await readBalance(caller.organizationId);
  expect(spent_usd).toBe(cost_usd);
});

test('[FAIL19] a kept connection that dies is an attempt like any other: nothing repeats it unseen', async () => {
  const warm = await makePair();
  await playScripts(upstreamUrl, warm.first, works);
  // Both proxies keep connections that were used before, to the same provider.
  await Promise.all(Array.from({ length: 24 }, () => ask(warm.caller)));
  const { caller, first, second } = await makePair();
  await playScripts(upstreamUrl, first, disconnects);
  await playScripts(upstreamUrl, second, works);
  for (let made = 0; made < 4; made++) expect((await ask(caller)).status).toBe(200);
  const rows = await settledLedger(caller.organizationId);
  const told = await Promise.all(rows.map(async ({ id }) => (await readAttempts(id)).attempts.length));
  expect(await timesAsked(first)).toBe(told.reduce((sum, attempts) => sum + attempts, 0));
  expect(await timesAsked(first)).toBeGreaterThan(0);
});

test('[FAIL6] once a byte of the answer is there nobody else is asked, and nothing is sent twice', async () => {
  const { caller, first, second } = await makePair();
  const events = encodeEvents(openaiChunks(model, [{ content: 'Once upon' }, { content: ' a time' }]));
  const cut = [bytesStep(events.subarray(0, events.length - 40)), { disconnect: true as const }];
  await playScripts(upstreamUrl, first, { headers: { 'content-type': 'text/event-stream' }, steps: cut });
  await playScripts(upstreamUrl, second, works);
  const response = await ask(caller, { stream: true });
  const text = await response.text().catch(() => '');
  expect(text.split('Once upon').length).toBeLessThanOrEqual(2);
  const call = await onlySettledCall(caller.organizationId);
  expect(call).toMatchObject({ status: 'failed', error_code: 'upstream_disconnected' });
  expect(await timesAsked(second)).toBe(0);
});

test('[FAIL7] a stream that fails before it begins is streamed by the next, whole and once', async () => {
  const { caller, first, second } = await makePair();
  await playScripts(upstreamUrl, first, fails(529));
  const events = [
    ...openaiChunks(model, [{ content: 'Hello' }]),
    openaiUsageChunk(model, usage),
    { data: '[DONE]' },
  ];
  await playScripts(upstreamUrl, second, streamScript(encodeEvents(events)));
  const stream = await openaiClient(caller.proxyKey).chat.completions.create({
    model,
    messages: [{ role: 'user', content: 'Hello' }],
    stream: true,
  });
  const pieces: string[] = [];
  for await (const chunk of stream) pieces.push(chunk.choices[0]?.delta.content ?? '');
  expect(pieces.join('')).toBe('Hello');
  expect(await onlySettledCall(caller.organizationId)).toMatchObject({
    status: 'succeeded',
    cost_usd: costUsd,
  });
});

test('[FAIL8] of equals each is asked as often as its weight says', async () => {
  const { caller, first, second } = await makePair();
  await setCredential(caller, first, { priority: 0, weight: 3 });
  await Promise.all([first, second].map((key) => playScripts(upstreamUrl, key, works)));
  for (let n = 0; n < 80; n++) expect((await ask(caller)).status).toBe(200);
  // 60 of 80 are expected of the first; less than 42 or more than 75 come about once in a million runs.
  expect(await timesAsked(first)).toBeGreaterThan(41);
  expect(await timesAsked(first)).toBeLessThan(76);
});

test('[FAIL9] a credential that keeps failing is asked last for a while, and first again when that is over', async () => {
  const { caller, first, second } = await makePair();
  await playScripts(upstreamUrl, first, fails(500));
  await playScripts(upstreamUrl, second, works);
  for (let n = 0; n < 8; n++) expect((await ask(caller)).status).toBe(200);
  // Five failures in a row, then it is spared.
  expect(await timesAsked(first)).toBe(5);
  const { data } = await caller.owner.db.from('credential_health').select('failures_in_a_row, last_error');
  expect(data).toContainEqual({ failures_in_a_row: 5, last_error: 'upstream_500' });
  await operatorSql()`
    update public.credential_health set avoided_until = now() where organization_id = ${caller.organizationId}`;
  await playScripts(upstreamUrl, first, works);
  expect((await ask(caller)).status).toBe(200);
  expect(await timesAsked(first)).toBe(6);
  await settledLedger(caller.organizationId);
  const { data: healed } = await caller.owner.db.from('credential_health').select('failures_in_a_row');
  expect(healed).toEqual([{ failures_in_a_row: 0 }]);
});

test('[FAIL10] a credential without room in its minute is passed over', async () => {
  const { caller, first, second } = await makePair();
  await setRateLimit(caller, {
    scope: 'credential',
    scope_id: await credentialIdOf(caller, first),
    requests_per_minute: 2,
  });
  await Promise.all([first, second].map((key) => playScripts(upstreamUrl, key, works)));
  for (let n = 0; n < 5; n++) expect((await ask(caller)).status).toBe(200);
  expect([await timesAsked(first), await timesAsked(second)]).toEqual([2, 3]);
});

test('[FAIL15] where only the tokens of a minute are used up, the other credential serves as well', async () => {
  const { caller, first, second } = await makePair();
  await setRateLimit(caller, {
    scope: 'credential',
    scope_id: await credentialIdOf(caller, first),
    tokens_per_minute: 1500,
  });
  // Slow, so that none is settled, and gives back what it was held for, before the last has come.
  const slow = { ...works, delayMs: 2_000 };
  await Promise.all([first, second].map((key) => playScripts(upstreamUrl, key, slow)));
  const answers = await Promise.all(Array.from({ length: 6 }, () => ask(caller, { max_tokens: 1000 })));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
  expect(await timesAsked(first)).toBe(1);
});

test('[FAIL11] an alias means its first target, and the next where that one fails', async () => {
  const { caller, first, second } = await makePair();
  await nameSmart(caller, ['openai/gpt-4o', `openai/${model}`]);
  const answerAs = (name: string) => jsonScript(openaiCompletion(name, usage));
  await playScripts(upstreamUrl, first, answerAs('gpt-4o'));
  const response = await ask(caller, { model: 'smart' });
  expect(await response.json()).toMatchObject({ model: 'gpt-4o' });
  const [sent] = await readJournal(upstreamUrl, first);
  expect(JSON.parse(Buffer.from(sent?.body ?? '', 'base64').toString())).toMatchObject({ model: 'gpt-4o' });
  // Both credentials fail the first target; the second target is tried with the first of them.
  await playScripts(upstreamUrl, first, fails(500), answerAs(model));
  await playScripts(upstreamUrl, second, fails(500));
  expect(await (await ask(caller, { model: 'smart' })).json()).toMatchObject({ model });
  const calls = await settledLedger(caller.organizationId);
  const details = await Promise.all(calls.map(({ id }) => readAttempts(id)));
  expect(details.map((one) => [one.model, one.model_alias, one.attempts.length])).toEqual(
    expect.arrayContaining([
      ['gpt-4o', 'smart', 0],
      [model, 'smart', 2],
    ]),
  );
});

test('[FAIL12] an allowlist names aliases or models, and keeps the rest of an alias away', async () => {
  const { caller, first, second } = await makePair();
  await nameSmart(caller, ['openai/gpt-4o', `openai/${model}`]);
  await Promise.all([first, second].map((key) => playScripts(upstreamUrl, key, works)));
  const key = await mintProxyKey(caller.projectId, caller.owner, { allowed_models: [model] });
  expect((await ask(caller, { model: 'smart' }, key)).status).toBe(200);
  const other = await mintProxyKey(caller.projectId, caller.owner, { allowed_models: ['smart'] });
  expect((await ask(caller, { model: 'smart' }, other)).status).toBe(200);
  expect((await ask(caller, { model: 'gpt-4o' }, other)).status).toBe(403);
  const models = (await settledLedger(caller.organizationId)).map((row) => row.model);
  expect(models).toEqual(expect.arrayContaining([model, 'gpt-4o', 'gpt-4o']));
});

test('[FAIL13] a client that says how long it waits is not made to wait for another attempt', async () => {
  const caller = await makeCaller('openai');
  await playScripts(upstreamUrl, caller.upstreamKey, { ...fails(500), delayMs: 1_100 }, works);
  const response = await postToProxy(caller.proxyKey, paths.openai, body(), {
    headers: { 'x-stainless-timeout': '1' },
  });
  expect(response.status).toBe(500);
  expect(await timesAsked(caller.upstreamKey)).toBe(1);
});

test('[FAIL16] a credential that has failed a thousand times can fail again', async () => {
  const caller = await makeCaller('openai');
  await playScripts(upstreamUrl, caller.upstreamKey, fails(500));
  expect((await ask(caller)).status).toBe(500);
  await operatorSql()`
    update public.credential_health set failures_in_a_row = 5000 where organization_id = ${caller.organizationId}`;
  expect((await ask(caller)).status).toBe(500);
  const statuses = (await settledLedger(caller.organizationId)).map(({ status, cost_usd }) => [
    status,
    cost_usd,
  ]);
  expect(statuses).toEqual([
    ['failed', '0.0000000000'],
    ['failed', '0.0000000000'],
  ]);
});

test('[FAIL17] what the cost header says includes the attempts before', async () => {
  const { caller, first, second } = await makePair();
  await playScripts(upstreamUrl, first, disconnects);
  await playScripts(upstreamUrl, second, works);
  const response = await ask(caller);
  const call = await onlySettledCall(caller.organizationId);
  expect(response.headers.get('x-khq-cost-usd')).toBe(call.cost_usd);
});

test('[FAIL18] nor does it stand in for an alias whose real targets fail', async () => {
  const caller = await makeCaller('openai');
  await caller.owner.db.rpc('enable_sandbox', { organization_id: caller.organizationId }).throwOnError();
  await nameSmart(caller, [`openai/${model}`, 'moonshot/kimi-k2-0905-preview']);
  await playScripts(upstreamUrl, caller.upstreamKey, fails(500));
  expect((await ask(caller, { model: 'smart' })).status).toBe(500);
  expect(await onlySettledCall(caller.organizationId)).toMatchObject({ status: 'failed', is_sandbox: false });
});

test('[FAIL14] the sandbox never stands in for a provider that fails', async () => {
  const caller = await makeCaller('openai');
  await caller.owner.db.rpc('enable_sandbox', { organization_id: caller.organizationId }).throwOnError();
  await playScripts(upstreamUrl, caller.upstreamKey, fails(500));
  expect((await ask(caller)).status).toBe(500);
  expect(await timesAsked(caller.upstreamKey)).toBe(3);
  expect(await onlySettledCall(caller.organizationId)).toMatchObject({ status: 'failed' });
});
