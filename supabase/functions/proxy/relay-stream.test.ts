import { beforeEach, expect, test, vi } from 'vitest';
import { createFeed, type Feed } from './testing/fake-upstream.ts';
import { createRandom, randomCuts } from './testing/random.ts';
import {
  anthropicStream,
  moonshotStream,
  openaiBeginning,
  openaiStream,
  openaiUsageChunk,
} from './testing/recordings.ts';
import { createTestProxy, type TestProxy } from './testing/test-proxy.ts';

let proxied: TestProxy;
let feed: Feed;

beforeEach(async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  proxied = await createTestProxy();
  proxied.upstream.answer = (signal) => {
    feed = createFeed(signal);
    return new Response(feed.body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
  };
});

const start = (path: string, body: object) => proxied.post(path, { messages: [], stream: true, ...body });
const chat = (body: object = {}) => start('/v1/chat/completions', { model: 'gpt-4o', ...body });
const message = () => start('/v1/messages', { model: 'claude-x' });
const settled = () => vi.waitUntil(() => proxied.database.settled[0]);
const pause = (ms = 5) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

async function play(pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) {
    feed.write(piece);
    await Promise.resolve();
  }
}

test.each([
  [
    'OpenAI',
    { model: 'gpt-4o' },
    '/v1/chat/completions',
    openaiStream,
    openaiStream.replace(openaiUsageChunk, ''),
  ],
  [
    'OpenAI, usage asked',
    { model: 'gpt-4o', stream_options: { include_usage: true } },
    '/v1/chat/completions',
    openaiStream,
    openaiStream,
  ],
  ['Moonshot', { model: 'kimi-k2' }, '/v1/chat/completions', moonshotStream, moonshotStream],
  ['Anthropic', { model: 'claude-x' }, '/v1/messages', anthropicStream, anthropicStream],
])(
  "%s: cut anywhere, with LF and CRLF, the client gets upstream's bytes and the ledger upstream's usage",
  async (_name, body, path, sent, expected) => {
    for (let seed = 0; seed < 40; seed++) {
      const lineEnd = seed % 2 === 0 ? '\n' : '\r\n';
      const bytes = new TextEncoder().encode(sent.replaceAll('\n', lineEnd));
      const response = await start(path, body);
      const text = response.text();
      await play(randomCuts(createRandom(seed), bytes, seed < 20 ? 3 : 200));
      feed.end();
      expect(await text, `seed ${seed}`).toBe(expected.replaceAll('\n', lineEnd));
    }
    await vi.waitUntil(() => proxied.database.settled.length === 40);
    const [first, ...others] = proxied.database.settled;
    expect(first).toMatchObject({
      status: 'succeeded',
      usage_source: 'reported',
      http_status: 200,
      error_code: null,
    });
    for (const other of others) expect(other.usage).toEqual(first?.usage);
  },
);

test.each([{ 'content-type': 'Text/Event-Stream; Charset=UTF-8' }, {}])(
  'a stream is known however it is spelled, and where nothing is said by what was asked: %j',
  async (headers: Record<string, string>) => {
    proxied.upstream.answer = (signal) => {
      feed = createFeed(signal);
      return new Response(feed.body, { headers });
    };
    const text = (await chat()).text();
    await play([new TextEncoder().encode(openaiStream)]);
    feed.end();
    expect(await text).toBe(openaiStream.replace(openaiUsageChunk, ''));
    expect(await settled()).toMatchObject({ status: 'succeeded', usage_source: 'reported' });
  },
);

test('the first event is there before the second, and the settlement after the last', async () => {
  const response = await chat();
  const reader = response.body?.getReader();
  feed.write('data: {"choices":[]}\n\nda');
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('data: {"choices":[]}\n\n');
  expect(proxied.database.settled).toEqual([]);
  feed.write('ta: [DONE]\n\n');
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('data: [DONE]\n\n');
  feed.end();
  expect((await reader?.read())?.done).toBe(true);
  expect(await settled()).toMatchObject({ status: 'succeeded' });
});

test("upstream is read at the client's pace", async () => {
  const response = await chat();
  const reader = response.body?.getReader();
  for (let i = 0; i < 3; i++) feed.write(`data: ${i}\n\n`);
  await pause();
  expect(feed.waiting()).toBe(3);
  await reader?.read();
  await pause();
  expect(feed.waiting()).toBe(2);
});

test('upstream breaks off: the client gets what came, then an error; the row says so and is estimated', async () => {
  const response = await chat();
  const reader = response.body?.getReader();
  feed.write(`${openaiBeginning}data: {"half`);
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe(openaiBeginning);
  const next = reader?.read();
  await pause();
  feed.fail();
  expect(new TextDecoder().decode((await next)?.value)).toBe('data: {"half');
  await expect(reader?.read()).rejects.toThrow('closed the connection');
  expect(await settled()).toMatchObject({
    status: 'failed',
    error_code: 'upstream_disconnected',
    usage_source: 'estimated',
    usage: { output_tokens: 5 },
  });
});

test('a stream that ends early without a break is failed too, one without a closing mark is not', async () => {
  const short = await chat();
  const shortText = short.text();
  feed.write('data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}\n\n');
  feed.end();
  await shortText;
  const whole = await chat();
  const wholeText = whole.text();
  feed.write(openaiBeginning);
  feed.end();
  await wholeText;
  await vi.waitUntil(() => proxied.database.settled.length === 2);
  expect(proxied.database.settled.map(({ status }) => status)).toEqual(['failed', 'succeeded']);
});

test('an error event of the provider passes and makes the row failed; before any answer it costs nothing', async () => {
  const response = await message();
  const text = response.text();
  const error = 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"x"}}\n\n';
  feed.write(error);
  feed.end();
  expect(await text).toBe(error);
  expect(await settled()).toMatchObject({
    status: 'failed',
    error_code: 'overloaded_error',
    usage: { input_tokens: 0 },
  });
});

test('client leaves, organization drains: upstream is heard out, the row is aborted with reported usage', async () => {
  const response = await message();
  const reader = response.body?.getReader();
  const half = anthropicStream.indexOf('event: ping');
  feed.write(anthropicStream.slice(0, half));
  await reader?.read();
  await reader?.cancel();
  await pause();
  expect(proxied.database.settled).toEqual([]);
  feed.write(anthropicStream.slice(half));
  expect(await settled()).toMatchObject({
    status: 'aborted',
    usage_source: 'reported',
    usage: { output_tokens: 77 },
  });
});

test('client leaves, organization cancels: upstream is ended, and never billed as the placeholder of one token', async () => {
  proxied.admit({ on_client_abort: 'cancel' });
  const response = await message();
  const reader = response.body?.getReader();
  feed.write(anthropicStream.slice(0, anthropicStream.indexOf('event: message_delta')));
  await reader?.read();
  await reader?.cancel();
  const row = await settled();
  expect(row).toMatchObject({
    status: 'aborted',
    usage_source: 'estimated',
    usage: { input_tokens: 2310, cache_read_tokens: 2000 },
  });
  expect(row?.usage.output_tokens).toBeGreaterThan(5);
  expect(proxied.upstream.requests[0]?.signal.aborted).toBe(true);
});

test('a client that leaves after the closing mark has had everything', async () => {
  const response = await chat();
  const reader = response.body?.getReader();
  feed.write(openaiStream);
  await reader?.read();
  await reader?.cancel();
  expect(await settled()).toMatchObject({ status: 'succeeded', usage_source: 'reported' });
});
