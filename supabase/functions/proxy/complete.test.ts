import { beforeEach, expect, test, vi } from 'vitest';
import { NoAnswer } from './ledger.ts';
import { owner } from './testing/fake-database.ts';
import { createTestProxy, type TestProxy } from './testing/test-proxy.ts';

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const answerText = `{"id":"c-1", "big":12345678901234567890,"model":"gpt-4o-2024-08-06","choices":[],"usage":${JSON.stringify(usage)}, "x":1.0}`;

let proxied: TestProxy;

beforeEach(async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  proxied = await createTestProxy({ firstByteTimeoutMs: 200, upstreamTimeoutMs: 200 });
  proxied.upstream.answer = () => answer(answerText);
});

function answer(body: string, status = 200, headers: Record<string, string> = {}): Response {
  const all = { 'content-type': 'application/json', 'x-request-id': 'up-1', ...headers };
  return new Response(body, { status, headers: all });
}

const chat = (headers: Record<string, string> = {}) =>
  proxied.post(
    '/v1/chat/completions',
    { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }] },
    headers,
  );
const settlement = () => vi.waitUntil(() => proxied.database.settled[0]);

test('a plain answer comes byte for byte, with our request id and its cost, and is settled by then', async () => {
  const response = await chat({ 'x-khq-user': 'ann', 'x-khq-tags': 'a,b' });
  expect(await response.text()).toBe(answerText);
  expect(response.headers.get('x-khq-cost-usd')).toBe('0.0012340000');
  const id = response.headers.get('x-request-id');
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(proxied.database.reserved).toEqual([
    expect.objectContaining({
      id,
      key_id: 'abc',
      key_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      dialect: 'openai',
      operation: 'chat.completions',
      provider: 'openai',
      model: 'gpt-4o',
      stream: false,
      max_output_tokens: null,
      user_id: 'ann',
      tags: ['a', 'b'],
      lease_seconds: 60,
    }),
  ]);
  expect(proxied.database.settled).toEqual([
    expect.objectContaining({
      id,
      created_at: '2026-11-21T12:00:00.123456+00:00',
      status: 'succeeded',
      http_status: 200,
      error_code: null,
      usage_source: 'reported',
      served_model: 'gpt-4o-2024-08-06',
      usage: expect.objectContaining({ input_tokens: 10, output_tokens: 5 }),
      raw_usage: usage,
      upstream_request_id: 'up-1',
    }),
  ]);
});

test("upstream gets the stored key at the operator's address, and nothing of the caller's", async () => {
  await chat();
  expect(proxied.upstream.requests[0]).toMatchObject({ url: 'http://openai/v1/chat/completions' });
  expect(proxied.upstream.requests[0]?.headers).toMatchObject({
    authorization: 'Bearer sk-real',
    'accept-encoding': 'identity',
  });
  expect(JSON.stringify(proxied.upstream.requests)).not.toContain('khq_');
});

test('every route reaches its provider and keeps its query', async () => {
  const message = { model: 'claude-x', max_tokens: 7, messages: [] };
  await proxied.post('/v1/messages?beta=true', message, {
    'anthropic-version': '2023-06-01',
    'x-api-key': 'khq_abc_secret',
    authorization: '',
  });
  await proxied.post('/v1/messages/count_tokens', message);
  await proxied.post('/v1/embeddings', { model: 'text-embedding-3-small', input: 'x' });
  await proxied.post('/v1/chat/completions', {
    model: 'kimi-k2',
    n: 3,
    max_completion_tokens: 10,
    messages: [],
  });
  expect(proxied.upstream.requests.map(({ url }) => url)).toEqual([
    'http://anthropic/v1/messages?beta=true',
    'http://anthropic/v1/messages/count_tokens',
    'http://openai/v1/embeddings',
    'http://moonshot/v1/chat/completions',
  ]);
  expect(proxied.upstream.requests[0]?.headers).toMatchObject({
    'x-api-key': 'sk-real',
    'anthropic-version': '2023-06-01',
  });
  expect(proxied.database.reserved.map((call) => [call.operation, call.max_output_tokens])).toEqual([
    ['messages', 7],
    ['count_tokens', 0],
    ['embeddings', 0],
    ['chat.completions', 30],
  ]);
});

test('counting tokens is a call without usage', async () => {
  proxied.upstream.answer = () => answer('{"input_tokens":42}');
  const response = await proxied.post('/v1/messages/count_tokens', { model: 'claude-x', messages: [] });
  expect(await response.json()).toEqual({ input_tokens: 42 });
  expect(proxied.database.settled[0]).toMatchObject({
    status: 'succeeded',
    usage_source: 'reported',
    usage: { input_tokens: 0 },
  });
});

test('the sandbox stands in where the credential says so', async () => {
  proxied.admit({ credential: { id: owner.credentialId, ciphertext: null, is_sandbox: true } });
  await chat();
  expect(proxied.upstream.requests[0]?.url).toBe('http://sandbox/v1/chat/completions');
});

test.each([429, 400, 500, 529])("upstream's %i passes byte for byte and costs nothing", async (status) => {
  const body = '{"error": {"message":"no", "type":"t", "param":null, "code":"their_code"}}';
  proxied.upstream.answer = () => answer(body, status, { 'retry-after': '3', 'x-should-retry': 'true' });
  const response = await chat();
  expect(response.status).toBe(status);
  expect(await response.text()).toBe(body);
  expect(response.headers.get('retry-after')).toBe('3');
  expect(response.headers.get('x-should-retry')).toBe('true');
  expect(proxied.database.settled).toEqual([
    expect.objectContaining({
      status: 'failed',
      http_status: status,
      error_code: 'their_code',
      usage_source: 'reported',
    }),
  ]);
  expect(proxied.database.settled[0]?.usage).toMatchObject({ input_tokens: 0, output_tokens: 0 });
});

test('a rejected stored key does not look like a wrong proxy key', async () => {
  proxied.upstream.answer = () => answer('{"error":{"message":"bad key sk-re***"}}', 401);
  const response = await chat();
  expect(response.status).toBe(502);
  expect(response.headers.get('x-should-retry')).toBe('false');
  expect(await response.text()).not.toContain('sk-re');
  expect(proxied.database.settled).toMatchObject([
    { status: 'failed', error_code: 'provider_credential_rejected' },
  ]);
});

test.each([
  '{"choices":[{"index":0,"message":}],"usage":{"prompt_tokens":10,"completion_tokens":5}}',
  '{"choices":nonsense,"usage":{"prompt_tokens":10,"completion_tokens":5}}',
  '{"choices":[],"usage":{"prompt_tokens":010,"completion_tokens":5}}',
])('what no client can read is no success, however well it looks from afar: %s', async (malformed) => {
  proxied.upstream.answer = () => answer(malformed);
  const response = await chat();
  expect(await response.text()).toBe(malformed);
  expect(await settlement()).toMatchObject({
    status: 'failed',
    http_status: 200,
    error_code: 'malformed_upstream_response',
  });
});

test('malformed JSON passes as it is and is settled by its size', async () => {
  proxied.upstream.answer = () => answer('{"id": "x", "choices": [');
  const response = await chat();
  expect(await response.text()).toBe('{"id": "x", "choices": [');
  expect(proxied.database.settled).toMatchObject([
    {
      status: 'failed',
      error_code: 'malformed_upstream_response',
      usage_source: 'estimated',
      usage: { output_tokens: 6 },
    },
  ]);
});

test('what is guessed of an answer is no more than the call allowed', async () => {
  proxied.upstream.answer = () => answer('{"id": "x", "choices": [');
  await proxied.post('/v1/chat/completions', { model: 'gpt-4o', messages: [], max_tokens: 2, n: 2 });
  expect(proxied.database.settled).toMatchObject([
    { usage_source: 'estimated', usage: { output_tokens: 4 } },
  ]);
});

test('an answer whose usage makes no sense is estimated', async () => {
  proxied.upstream.answer = () => answer('{"choices":[],"usage":{"prompt_tokens":-5,"completion_tokens":1}}');
  await chat();
  expect(proxied.database.settled).toMatchObject([{ status: 'succeeded', usage_source: 'estimated' }]);
  expect(proxied.database.settled[0]?.usage.input_tokens).toBeGreaterThan(0);
  expect(proxied.database.settled[0]?.usage.output_tokens).toBeGreaterThan(0);
});

const refused = 'error sending request for url (http://openai/): client error (Connect): tcp connect error';

test.each([
  ['as Deno 2.1 says it', new TypeError(refused)],
  ['as later ones do', new TypeError('fetch failed', { cause: new Error(refused) })],
])('no connection, %s: nothing was sent, nothing is charged', async (_name, error) => {
  proxied.upstream.answer = () => {
    throw error;
  };
  const response = await chat();
  expect(response.status).toBe(502);
  expect(await settlement()).toMatchObject({
    status: 'failed',
    error_code: 'upstream_unreachable',
    usage_source: 'reported',
  });
});

test('a connection that closes before the answer: the input may have been read', async () => {
  proxied.upstream.answer = () => {
    throw new TypeError(
      'error sending request for url (http://openai/): client error (SendRequest): connection closed',
    );
  };
  const response = await chat();
  expect(response.status).toBe(502);
  const settled = await settlement();
  expect(settled).toMatchObject({ error_code: 'upstream_disconnected', usage_source: 'estimated' });
  expect(settled?.usage.input_tokens).toBeGreaterThan(0);
});

test('silence before the first byte ends at the bound', async () => {
  proxied.upstream.answer = (signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')));
    });
  const response = await chat();
  expect(response.status).toBe(504);
  expect(await settlement()).toMatchObject({ error_code: 'upstream_timeout', usage_source: 'estimated' });
});

test('a stored key that cannot be decrypted is said so, and the hold is given back', async () => {
  proxied.admit({
    credential: { id: owner.credentialId, ciphertext: 'v1:gone:AAAA:AAAA', is_sandbox: false },
  });
  const response = await chat();
  expect(response.status).toBe(503);
  expect(await settlement()).toMatchObject({ error_code: 'credential_unreadable', usage_source: 'reported' });
});

test('a reservation that comes too late is given back when it is there, not before', async () => {
  let commit = (): void => {};
  const outcome = new Promise<void>((resolve) => {
    commit = resolve;
  });
  proxied.database.onReserve = () => {
    throw new NoAnswer(outcome);
  };
  const response = await chat();
  expect(response.status).toBe(503);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(proxied.database.settled).toEqual([]);
  commit();
  expect(await settlement()).toMatchObject({ status: 'failed', error_code: 'ledger_unavailable' });
});

test('a call that was frozen meanwhile is stopped when the proxy hears of it, and says so', async () => {
  proxied.upstream.answer = (signal) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error(String(signal.reason))));
    });
  const answering = chat();
  await vi.waitUntil(() => proxied.upstream.requests.length === 1);
  proxied.database.onExtend = () => ({
    ok: false,
    code: 'frozen',
    details: { scope: 'project', reason: 'Odd' },
  });
  proxied.database.freeze();
  const response = await answering;
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({
    error: { code: 'frozen', message: 'Calls of this project are frozen: Odd. An admin can thaw it.' },
  });
  expect(await settlement()).toMatchObject({ status: 'failed', error_code: 'frozen' });
});

test('an attempt whose fate the ledger was told in vain is told again, as the same, and the next one is asked', async () => {
  const statuses = [500, 200];
  proxied.upstream.answer = () => answer(answerText, statuses.shift());
  proxied.database.onReroute = () => {
    if (proxied.database.rerouted.length === 1) throw new NoAnswer(Promise.resolve());
    const credential = { id: owner.credentialId, ciphertext: null, is_sandbox: true };
    const next = { provider: 'openai', model: 'gpt-4o', credential, held_output_tokens: 1000 };
    return { ok: true, ...next, is_repeated: false };
  };
  const response = await chat();
  expect(response.status).toBe(200);
  expect(proxied.database.rerouted.map(({ failed_attempts }) => failed_attempts)).toEqual([1, 1]);
  expect(proxied.upstream.requests).toHaveLength(2);
});
