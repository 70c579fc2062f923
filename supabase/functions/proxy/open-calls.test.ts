import { beforeEach, expect, test, vi } from 'vitest';
import { createFeed, type Feed } from './testing/fake-upstream.ts';
import { createRandom } from './testing/random.ts';
import { anthropicStream, openaiBeginning, openaiStream } from './testing/recordings.ts';
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

test('whatever ends a stream at once with whatever else, it is settled once', async () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = createRandom(seed);
    proxied.admit({
      on_client_abort: random.pick(['drain', 'cancel']),
      held_output_tokens: random.pick([1, 1000]),
    });
    proxied.database.onExtend = () =>
      random.below(2) === 0 ? { ok: false, code: 'budget_exceeded' } : undefined;
    const response = await chat();
    const reader = response.body?.getReader();
    const reading = reader?.read().catch(() => undefined);
    const ends = [
      () => void reader?.cancel().catch(() => {}),
      () => feed.fail(),
      () => feed.end(),
      () => feed.write(openaiStream),
      () => void proxied.proxy.settleAll(),
    ];
    feed.write(openaiBeginning);
    for (let i = 0; i < 5; i++) {
      random.pick([ends[0], ends[1], ends[2], ends[3], ends[4]])?.();
      if (random.below(2) === 0) await Promise.resolve();
    }
    feed.fail();
    await reading;
    await reader?.cancel().catch(() => {});
    await vi.waitUntil(() => proxied.proxy.openCallCount() === 0);
    await vi.waitUntil(() => proxied.database.settled.length === seed + 1, { timeout: 1000 }).catch(() => {});
    expect(proxied.database.settled.length, `seed ${seed}`).toBe(seed + 1);
  }
  expect(new Set(proxied.database.settled.map(({ id }) => id)).size).toBe(60);
});

test('a stream asks for a larger hold before it outgrows the one it has, and flows on meanwhile', async () => {
  proxied.admit({ held_output_tokens: 100 });
  const response = await chat();
  const text = response.text();
  const piece = (content: string) => `data: {"choices":[{"index":0,"delta":{"content":"${content}"}}]}\n\n`;
  for (let i = 0; i < 40; i++) {
    feed.write(piece('a word or two, '));
    await pause(1);
  }
  feed.write('data: [DONE]\n\n');
  feed.end();
  expect((await text).length).toBeGreaterThan(40 * 40);
  expect(proxied.database.extended.length).toBeGreaterThan(0);
  expect(proxied.database.extended.length).toBeLessThan(6);
  expect(proxied.database.extended[0]?.output_tokens).toBeGreaterThan(100);
  expect(proxied.database.extended[0]?.output_tokens).toBeLessThan(180);
});

test('a hold that covers all the client allowed is never asked to grow', async () => {
  proxied.admit({ held_output_tokens: 10 });
  const response = await chat({ max_tokens: 10 });
  const text = response.text();
  feed.write(
    `data: {"choices":[{"index":0,"delta":{"content":"${'long '.repeat(500)}"}}]}\n\ndata: [DONE]\n\n`,
  );
  feed.end();
  await text;
  expect(proxied.database.extended).toEqual([]);
});

test.each([
  [
    'OpenAI',
    chat,
    openaiBeginning,
    /^data: \{"error":\{"message":"[^"]+","type":"insufficient_quota","param":null,"code":"project_spend_limit_exceeded"\}\}\n\n$/,
  ],
  [
    'Anthropic',
    message,
    anthropicStream.slice(0, anthropicStream.indexOf('event: ping')),
    /^event: error\ndata: \{"type":"error","error":\{"type":"billing_error",[^\n]+\n\n$/,
  ],
] as const)(
  "%s: no room for a larger hold ends upstream, and the stream with the dialect's error",
  async (_name, start, beginning, error) => {
    proxied.admit({ held_output_tokens: 1 });
    proxied.database.onExtend = () => ({
      ok: false,
      code: 'budget_exceeded',
      details: { limit_usd: '1.00' },
    });
    const response = await start();
    const text = response.text();
    feed.write(`${beginning}data: {"half`);
    const received = await text;
    expect(received.slice(0, beginning.length)).toBe(beginning);
    expect(received.slice(beginning.length)).toMatch(error);
    expect(proxied.upstream.requests[0]?.signal.aborted).toBe(true);
    expect(await settled()).toMatchObject({
      status: 'failed',
      error_code: 'budget_exceeded',
      usage_source: 'estimated',
    });
  },
);

test("leases are renewed while calls are open, all of an organization's in one array", async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    await Promise.all([chat(), chat(), chat()]);
    const batches = vi.spyOn(proxied.database, 'callArray');
    vi.advanceTimersByTime(20_000);
    vi.useRealTimers();
    await vi.waitUntil(() => proxied.database.extended.length === 3);
    expect(proxied.database.extended.map(({ output_tokens }) => output_tokens)).toEqual([0, 0, 0]);
    // The lane was free for the first; the others wait for it and go together.
    expect(batches.mock.calls.map(([name, items]) => [name, items.length])).toEqual([
      ['extend_calls', 1],
      ['extend_calls', 2],
    ]);
  } finally {
    vi.useRealTimers();
  }
});

test('when the process ends, open calls are settled by what was seen', async () => {
  const response = await message();
  const reader = response.body?.getReader();
  feed.write(anthropicStream.slice(0, anthropicStream.indexOf('event: message_delta')));
  await reader?.read();
  await proxied.proxy.settleAll();
  expect(proxied.database.settled).toMatchObject([
    { status: 'failed', error_code: 'proxy_stopped', usage_source: 'estimated' },
  ]);
  expect(proxied.proxy.openCallCount()).toBe(0);
});
