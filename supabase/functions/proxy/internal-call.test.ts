import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test, vi } from 'vitest';
import { createFeed, type Feed } from './testing/fake-upstream.ts';
import { anthropicStream, openaiBeginning, openaiStream, openaiUsageChunk } from './testing/recordings.ts';
import { createTestProxy, type TestProxy } from './testing/test-proxy.ts';

let proxied: TestProxy;
let feed: Feed;
let callId: string;

beforeEach(async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  callId = randomUUID();
  proxied = await createTestProxy();
  proxied.upstream.answer = (signal) => {
    feed = createFeed(signal);
    return new Response(feed.body, { headers: { 'content-type': 'text/event-stream' } });
  };
});

const internal = { authorization: 'Bearer khq_internal-0123456789abcdef_secret' };
const chat = (headers: Record<string, string> = internal, model = 'gpt-4o') =>
  proxied.post(
    '/v1/chat/completions',
    { model, stream: true, messages: [{ role: 'user', content: 'Hi' }] },
    { ...headers, 'x-khq-call': callId },
  );
const settled = () => vi.waitUntil(() => proxied.database.settled[0]);
const pause = () =>
  new Promise((resolve) => {
    setTimeout(resolve, 5);
  });

test('it has the id that was chosen, and keeps what its client was answered, byte for byte', async () => {
  const response = await chat();
  expect(response.headers.get('x-request-id')).toBe(callId);
  feed.write(openaiStream);
  feed.end();
  const text = await response.text();
  expect(text).toBe(openaiStream.replace(openaiUsageChunk, ''));
  expect(await settled()).toMatchObject({ id: callId, status: 'succeeded', answer: text });
  expect(proxied.database.reserved[0]).toMatchObject({ id: callId, is_internal: true });
  expect(proxied.upstream.requests[0]?.headers).not.toHaveProperty('x-khq-call');
});

test('of Claude it keeps the translation', async () => {
  proxied.admit({ provider: 'anthropic', model: 'claude-x' });
  const response = await chat(internal, 'claude-x');
  feed.write(anthropicStream);
  feed.end();
  const text = await response.text();
  expect(text).toContain('chat.completion.chunk');
  expect(await settled()).toMatchObject({ answer: text });
});

test('it is heard out when its client is gone, whatever the organization chose', async () => {
  proxied.admit({ on_client_abort: 'cancel' });
  const response = await chat();
  const reader = response.body?.getReader();
  feed.write(openaiStream.slice(0, 200));
  await reader?.read();
  await reader?.cancel();
  await pause();
  expect(proxied.database.settled).toEqual([]);
  feed.write(openaiStream.slice(200));
  feed.end();
  expect(await settled()).toMatchObject({
    status: 'aborted',
    usage_source: 'reported',
    answer: openaiStream.replace(openaiUsageChunk, ''),
  });
});

test('one that is cut off ends at the provider, and what was said until then is no answer', async () => {
  const response = await chat();
  feed.write(openaiBeginning.slice(0, 300));
  const reading = response.text();
  await pause();
  proxied.database.onExtend = () => ({ ok: false, code: 'call_cancelled', details: {} });
  proxied.database.freeze();
  expect(await reading).toContain('call_cancelled');
  const row = await settled();
  expect(row).toMatchObject({ status: 'failed', error_code: 'call_cancelled' });
  expect(row).not.toHaveProperty('answer');
  expect(proxied.upstream.requests[0]?.signal.aborted).toBe(true);
});

test('any other key names no calls, and keeps no answers', async () => {
  const response = await chat({ authorization: 'Bearer khq_abc_secret' });
  expect(response.headers.get('x-request-id')).not.toBe(callId);
  feed.write(openaiStream);
  feed.end();
  await response.text();
  expect(await settled()).not.toHaveProperty('answer');
  expect(proxied.database.reserved[0]).not.toHaveProperty('is_internal');
});
