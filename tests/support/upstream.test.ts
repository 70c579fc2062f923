import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { bytesStep, jsonScript, playScripts, readJournal, streamScript } from './upstream-client.ts';
import { startUpstream, type Upstream } from './upstream.ts';

let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream();
});
afterAll(() => upstream.close());

const call = (key: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${upstream.url}/v1/chat/completions`, {
    method: 'POST',
    body: '{"model":"gpt-x","n":1.0}',
    ...init,
    headers: { authorization: `Bearer ${key}` },
  });

test('[UP1] bytes arrive as scripted, cut inside a character too', async () => {
  const bytes = new TextEncoder().encode('data: {"text":"grüße 🙂"}\r\n\r\ndata: [DONE]\r\n\r\n');
  await playScripts(upstream.url, 'cut', streamScript(bytes, [16, 17, 23, 24, 25]));
  const response = await call('cut');
  const parts: Uint8Array[] = [];
  for await (const part of response.body ?? []) parts.push(z.instanceof(Uint8Array).parse(part));
  expect(Buffer.concat(parts)).toEqual(Buffer.from(bytes));
  expect(parts.length).toBeGreaterThan(3);
});

test('[UP2] the journal keeps the very bytes of a request', async () => {
  await playScripts(upstream.url, 'journal', jsonScript({ ok: true }));
  await call('journal');
  const [request] = await readJournal(upstream.url, 'journal');
  expect(request).toMatchObject({ method: 'POST', path: '/v1/chat/completions', isAborted: false });
  expect(Buffer.from(request?.body ?? '', 'base64').toString()).toBe('{"model":"gpt-x","n":1.0}');
  expect(request?.headers['authorization']).toBe('Bearer journal');
});

test('[UP3] scripts are played in order, the last one again', async () => {
  await playScripts(upstream.url, 'order', jsonScript('no', 429), jsonScript('yes'));
  const statuses = [];
  for (let round = 0; round < 3; round += 1) statuses.push((await call('order')).status);
  expect(statuses).toEqual([429, 200, 200]);
});

test('[UP4] a disconnect cuts the answer off', async () => {
  await playScripts(upstream.url, 'cut off', { steps: [bytesStep('data: 1\n\n'), { disconnect: true }] });
  const { port } = new URL(upstream.url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write('POST /x HTTP/1.1\r\nhost: x\r\nauthorization: Bearer cut off\r\ncontent-length: 0\r\n\r\n');
  const raw = await text(socket);
  expect(raw).toContain('data: 1');
  expect(raw.endsWith('0\r\n\r\n')).toBe(false);
});

test('[UP5] a client that hangs up is seen', async () => {
  await playScripts(upstream.url, 'abort', { steps: [bytesStep('a'), { waitMs: 10_000 }] });
  const abort = new AbortController();
  const response = await call('abort', { signal: abort.signal });
  await response.body?.getReader().read();
  abort.abort();
  await expect.poll(async () => (await readJournal(upstream.url, 'abort'))[0]?.isAborted).toBe(true);
});

test('[UP6] without a script for the key the model chooses, and without either the answer is 501', async () => {
  await playScripts(upstream.url, 'gpt-x', jsonScript({ by: 'model' }));
  expect(await (await call('nobody')).json()).toEqual({ by: 'model' });
  expect((await call('nobody', { body: '{"model":"other"}' })).status).toBe(501);
});
