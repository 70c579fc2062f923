import { beforeEach, expect, test, vi } from 'vitest';
import { owner } from './testing/fake-database.ts';
import { createTestProxy, type TestProxy } from './testing/test-proxy.ts';

let proxied: TestProxy;

beforeEach(async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  proxied = await createTestProxy();
});

const chat = (headers: Record<string, string> = {}) =>
  proxied.post(
    '/v1/chat/completions',
    { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }] },
    headers,
  );
const settlement = () => vi.waitUntil(() => proxied.database.settled[0]);

test.each([
  ['invalid_proxy_key', 401],
  ['model_not_allowed', 403],
  ['no_provider_credential', 403],
  ['model_not_found', 404],
  ['budget_exceeded', 429],
  ['something_new', 403],
])('refused as %s: %i, and upstream hears nothing', async (code, status) => {
  proxied.database.onReserve = () => ({
    ok: false,
    code,
    organization_id: owner.organizationId,
    details: { limit_usd: '0' },
  });
  const response = await chat();
  expect(response.status).toBe(status);
  expect(proxied.upstream.requests).toEqual([]);
  expect(proxied.database.settled).toEqual([]);
});

test.each([
  ['no key', {}, 'missing_proxy_key'],
  ['another kind of key', { authorization: 'Bearer sk-ant-123' }, 'invalid_proxy_key'],
  ['a broken key', { 'x-api-key': 'khq_abc' }, 'invalid_proxy_key'],
])('%s is refused without the ledger', async (_name, headers, code) => {
  const response = await proxied.post('/v1/chat/completions', '{}', { authorization: '', ...headers });
  expect(response.status).toBe(401);
  expect(response.headers.get('x-khq-error-code')).toBe(code);
  expect(proxied.database.reserved).toEqual([]);
});

test('a ledger that is away refuses calls, and what it may have held is given back', async () => {
  proxied.database.onReserve = () => {
    throw new Error('CONNECTION_CLOSED');
  };
  const response = await chat();
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('1');
  expect(proxied.upstream.requests).toEqual([]);
  expect(await settlement()).toMatchObject({
    created_at: null,
    status: 'failed',
    error_code: 'ledger_unavailable',
  });
});

test('browsers may call: preflight and answers say so', async () => {
  const request = new Request('http://proxy/v1/chat/completions', {
    method: 'OPTIONS',
    headers: { origin: 'https://app', 'access-control-request-headers': 'authorization,x-khq-user' },
  });
  const response = await proxied.proxy.handle(request);
  expect(response.status).toBe(204);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(response.headers.get('access-control-allow-headers')).toBe('authorization,x-khq-user');
});

test('an unknown path is 404 in JSON, another method 405', async () => {
  const missing = await proxied.post('/v1/other', {});
  expect(missing.status).toBe(404);
  expect(await missing.json()).toMatchObject({ error: { code: 'not_found' } });
  const get = await proxied.proxy.handle(new Request('http://proxy/v1/messages'));
  expect(get.status).toBe(405);
  expect(await get.json()).toMatchObject({ type: 'error' });
});

test('models are those of the dialect that asks', async () => {
  const models = [
    { id: 'gpt-4o', provider: 'openai', created: 1_700_000_000 },
    { id: 'claude-x', provider: 'anthropic', display_name: 'Claude X', created: 1_700_000_000 },
  ];
  proxied.database.authenticateKey = () =>
    Promise.resolve({ ok: true, organization_id: owner.organizationId, models });
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const response = await proxied.proxy.handle(
      new Request(`http://proxy${path}`, { headers: { 'x-api-key': 'khq_abc_secret', ...headers } }),
    );
    return [response.status, await response.json()];
  };
  const gpt = { id: 'gpt-4o', object: 'model', created: 1_700_000_000, owned_by: 'openai' };
  const claude = {
    type: 'model',
    id: 'claude-x',
    display_name: 'Claude X',
    created_at: '2023-11-14T22:13:20.000Z',
  };
  const version = { 'anthropic-version': '2023-06-01' };
  // OpenAI's clients may chat with all of them.
  const claudeToo = { ...gpt, id: 'claude-x', owned_by: 'anthropic' };
  expect(await get('/v1/models')).toEqual([200, { object: 'list', data: [gpt, claudeToo] }]);
  expect(await get('/v1/models/gpt-4o')).toEqual([200, gpt]);
  expect(await get('/v1/models/nope')).toMatchObject([404, { error: { code: 'model_not_found' } }]);
  expect(await get('/v1/models', version)).toEqual([
    200,
    { data: [claude], has_more: false, first_id: 'claude-x', last_id: 'claude-x' },
  ]);
  expect(await get('/v1/models/claude-x', version)).toEqual([200, claude]);
});
