import type { LookupAddress } from 'node:dns';
import { expect, test, vi } from 'vitest';
import { pause } from './pause.ts';
import { createTestProxy } from './testing/test-proxy.ts';
import { type ConnectTimeout, createConnectWatch, type TryToConnect } from './watch-connect.ts';

const { lookup, connect } = vi.hoisted(() => ({
  lookup: vi.fn<() => Promise<LookupAddress[]>>(),
  connect: vi.fn<() => void>(),
}));
vi.mock('node:dns/promises', () => ({ lookup }));
vi.mock('node:net', () => ({ connect }));

const url = 'https://provider.example/v1';
/** Half of it passes before anybody looks. */
const timeoutMs = 200;
const inVain: TryToConnect = async (_url, maxMs) => {
  await pause(maxMs);
  return 'timeout';
};

test('[CONN1] where no connection comes about the attempt ends, and was never sent', async () => {
  const onTimeout = vi.fn<(error: ConnectTimeout) => void>();
  createConnectWatch(timeoutMs, inVain).watch(url, onTimeout);
  await vi.waitUntil(() => onTimeout.mock.calls.length > 0);
  expect(onTimeout.mock.calls).toEqual([[expect.objectContaining({ mayHaveBeenSent: false })]]);
});

test('[CONN2] where something came shortly before, a kept connection may have carried it', async () => {
  const onTimeout = vi.fn<(error: ConnectTimeout) => void>();
  const watch = createConnectWatch(timeoutMs, inVain);
  watch.noteAnswer(url);
  await pause(5);
  watch.watch(url, onTimeout);
  await vi.waitUntil(() => onTimeout.mock.calls.length > 0);
  expect(onTimeout.mock.calls).toEqual([[expect.objectContaining({ mayHaveBeenSent: true })]]);
});

test('[CONN3] calls that wait for one address share one trial, and a provider that thinks is left alone', async () => {
  const onTimeout = vi.fn<(error: ConnectTimeout) => void>();
  const tryToConnect = vi.fn<TryToConnect>(() => Promise.resolve('connected'));
  const watch = createConnectWatch(timeoutMs, tryToConnect);
  for (let n = 0; n < 20; n++) watch.watch(url, onTimeout);
  await pause(timeoutMs * 2);
  expect(tryToConnect.mock.calls).toEqual([[url, timeoutMs / 2]]);
  expect(onTimeout).not.toHaveBeenCalled();
});

test('[CONN4] while answers come nobody tries, nor for a call that is over', async () => {
  const tryToConnect = vi.fn<TryToConnect>(inVain);
  const onTimeout = vi.fn<(error: ConnectTimeout) => void>();
  const watch = createConnectWatch(timeoutMs, tryToConnect);
  watch.watch(url, onTimeout);
  watch.watch('https://another.example', onTimeout)();
  await pause(5);
  watch.noteAnswer(url);
  await pause(timeoutMs * 2);
  expect(tryToConnect).not.toHaveBeenCalled();
  expect(onTimeout).not.toHaveBeenCalled();
});

test('[CONN5] what fails at once is left to the request, which would have failed as well', async () => {
  const onTimeout = vi.fn<(error: ConnectTimeout) => void>();
  createConnectWatch(timeoutMs, () => Promise.resolve('failed')).watch(url, onTimeout);
  await pause(timeoutMs * 2);
  expect(onTimeout).not.toHaveBeenCalled();
});

test('[CONN6] a call to who cannot be connected to fails as that, is not charged, and may be tried again', async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  const proxied = await createTestProxy({ connectTimeoutMs: timeoutMs }, { tryToConnect: inVain });
  proxied.upstream.answer = (signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')));
    });
  proxied.admit({ max_attempts: 1 });
  const response = await proxied.post('/v1/chat/completions', { model: 'gpt-4o', messages: [] });
  expect(response.status).toBe(504);
  expect(response.headers.get('x-should-retry')).toBeNull();
  expect(await response.json()).toMatchObject({ error: { code: 'upstream_connect_timeout' } });
  expect(await vi.waitUntil(() => proxied.database.settled[0])).toMatchObject({
    error_code: 'upstream_connect_timeout',
    usage: { input_tokens: 0, output_tokens: 0 },
  });
});

test('[CONN7] a call that joins a trial of others waits for one that began after it', async () => {
  const slowly: TryToConnect = (target) => inVain(target, timeoutMs * 2);
  const tryToConnect = vi.fn<TryToConnect>(slowly);
  const watch = createConnectWatch(timeoutMs, tryToConnect);
  watch.watch(url, () => {});
  await vi.waitUntil(() => tryToConnect.mock.calls.length > 0);
  const onTimeout = vi.fn<(error: ConnectTimeout) => void>();
  watch.watch(url, onTimeout);
  await vi.waitUntil(() => onTimeout.mock.calls.length > 0);
  expect(tryToConnect).toHaveBeenCalledTimes(2);
});

test.each([
  ['a stream', 'text/event-stream', 'data: {"choices":[]}\n\ndata: [DONE]\n\n'],
  ['a plain answer', 'application/json', '{"choices":[]}'],
])(
  '[CONN8] %s that has just ended leaves a connection that may carry the next call',
  async (_, type, text) => {
    vi.spyOn(console, 'log').mockImplementation(() => {});
    const now = performance.now.bind(performance);
    let laterMs = 0;
    using clock = vi.spyOn(performance, 'now');
    clock.mockImplementation(() => now() + laterMs);
    const proxied = await createTestProxy({ connectTimeoutMs: timeoutMs }, { tryToConnect: inVain });
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      laterMs = 100_000;
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    };
    const body = {
      model: 'gpt-4o',
      stream: type === 'text/event-stream',
      messages: [{ role: 'user', content: 'Hello.' }],
    };
    proxied.upstream.answer = () =>
      new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), { headers: { 'content-type': type } });
    await (await proxied.post('/v1/chat/completions', body)).text();
    proxied.upstream.answer = (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      });
    proxied.admit({ max_attempts: 1 });
    expect((await proxied.post('/v1/chat/completions', body)).status).toBe(504);
    const settled = await vi.waitUntil(() => proxied.database.settled[1]);
    expect(settled).toMatchObject({ error_code: 'upstream_connect_timeout' });
    expect(settled.usage.input_tokens).toBeGreaterThan(0);
  },
);

test('[CONN9] a name that was looked up for too long is not connected to any more', async () => {
  const onTimeout = vi.fn<(error: ConnectTimeout) => void>();
  const found = Promise.withResolvers<LookupAddress[]>();
  lookup.mockImplementationOnce(() => found.promise);
  createConnectWatch(timeoutMs).watch(url, onTimeout);
  await vi.waitUntil(() => onTimeout.mock.calls.length > 0);
  found.resolve([{ address: '127.0.0.1', family: 4 }]);
  await pause(5);
  expect(connect).not.toHaveBeenCalled();
});
