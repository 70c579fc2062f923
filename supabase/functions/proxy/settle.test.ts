import { beforeEach, expect, test, vi } from 'vitest';
import { createTestProxy, type TestProxy } from './testing/test-proxy.ts';

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const answerText = `{"id":"c-1", "big":12345678901234567890,"model":"gpt-4o-2024-08-06","choices":[],"usage":${JSON.stringify(usage)}, "x":1.0}`;

let proxied: TestProxy;

beforeEach(async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  proxied = await createTestProxy();
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

test('an answer does not fail with its settlement, which is tried until it is written', async () => {
  let attempts = 0;
  proxied.database.onSettle = () => {
    attempts++;
    if (attempts < 3) throw new Error('CONNECTION_CLOSED');
    return undefined;
  };
  const response = await chat();
  expect(await response.text()).toBe(answerText);
  expect(response.headers.has('x-khq-cost-usd')).toBe(false);
  await vi.waitUntil(() => proxied.database.settled.length > 0, { timeout: 5000 });
  expect(attempts).toBe(3);
  expect(proxied.database.settled).toHaveLength(1);
});

test('with a price, the answer carries its cost without waiting for the settlement', async () => {
  const price = {
    input: '2.5000000000',
    cache_read: null,
    cache_write_5m: null,
    cache_write_1h: null,
    output: '10',
    context_tiers: [],
  };
  proxied.admit({ price });
  let settle = (): void => {};
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const { callArray } = proxied.database;
  proxied.database.callArray = async (name, items) => {
    if (name === 'settle_calls') await settled;
    return callArray(name, items);
  };
  const response = await chat();
  expect(response.headers.get('x-khq-cost-usd')).toBe('0.0000750000');
  expect(proxied.database.settled).toEqual([]);
  settle();
  expect(await settlement()).toMatchObject({
    status: 'succeeded',
    usage: { input_tokens: 10, output_tokens: 5 },
  });
});
