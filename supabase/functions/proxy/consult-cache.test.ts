import { expect, test, vi } from 'vitest';
import { createTestProxy } from './testing/test-proxy.ts';

const body = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] };
const anHour = { 'x-khq-cache': '3600' };
const path = '/v1/chat/completions';

test('[CON1] a call that asks for nothing is not looked up', async () => {
  const { post, database } = await createTestProxy();
  const response = await post(path, body);
  expect(response.headers.get('x-khq-cache')).toBeNull();
  expect(database.wished).toEqual([]);
});

test('[CON2] a cache that fails is none: the call is made, and says that nothing was found', async () => {
  const { post, database, upstream } = await createTestProxy();
  database.onFindAnswer = () => {
    throw new Error('CONNECTION_CLOSED');
  };
  const response = await post(path, body, anHour);
  expect(response.headers.get('x-khq-cache')).toBe('miss');
  expect(upstream.requests).toHaveLength(1);
});

test('[CON3] what was found is served as it was, and settled as such', async () => {
  const { post, database, upstream } = await createTestProxy();
  upstream.answer = () =>
    new Response('{"as":"it was"}', { headers: { 'content-type': 'application/json' } });
  await post(path, body, anHour);
  const [kept] = await vi.waitUntil(() => database.remembered.length > 0 && database.remembered);
  expect(kept).toMatchObject({ key_id: 'abc', is_own_wish: true, digest: database.wished[0]?.digest });
  expect(atob(kept?.body ?? '')).not.toContain('it was');
  database.remembered.length = database.settled.length = upstream.requests.length = 0;
  database.onFindAnswer = () => ({
    content_type: 'application/json; charset=utf-8',
    body: kept?.body ?? '',
    cost_usd: '0.0100000000',
  });
  const response = await post(path, body, anHour);
  expect(await response.text()).toBe('{"as":"it was"}');
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(upstream.requests).toHaveLength(0);
  await expect
    .poll(() => database.settled)
    .toMatchObject([
      {
        status: 'succeeded',
        http_status: 200,
        is_cached: true,
        saved_usd: '0.0100000000',
        usage: { output_tokens: 0 },
      },
    ]);
  expect(database.remembered).toEqual([]);
});

test('[CON5] what does not open is as if it were not there', async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  const { post, database, upstream } = await createTestProxy();
  database.onFindAnswer = () => ({
    content_type: 'application/json',
    body: btoa('x'.repeat(99)),
    cost_usd: null,
  });
  const response = await post(path, body, anHour);
  expect(response.headers.get('x-khq-cache')).toBe('miss');
  expect(upstream.requests).toHaveLength(1);
});

test('[CON4] a model that searches is asked each time', async () => {
  const { post, database, admit } = await createTestProxy();
  admit({ model: 'gpt-4o-search-preview' });
  const response = await post(path, { ...body, model: 'gpt-4o-search-preview' }, anHour);
  expect(response.headers.get('x-khq-cache')).toBe('bypass');
  expect(database.wished).toEqual([]);
});
