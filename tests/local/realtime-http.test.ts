import { createClient } from '@supabase/supabase-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { openRealtimeSocket, type RealtimeSocket } from '../support/realtime-socket.ts';
import { cleanUp, startFixture } from './fixture-stack.ts';
import { signToken } from './sign-token.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startFixture();
}, 120_000);
afterAll(cleanUp, 60_000);

async function enter(topic: string, verbs?: string[]): Promise<RealtimeSocket> {
  const socket = await openRealtimeSocket(stack.url, stack.publishableKey);
  const access_token = await signToken(stack.jwtSecret, { rooms: { [topic]: verbs ?? [] } });
  const config = { private: verbs !== undefined };
  await socket.join(`realtime:${topic}`, { config, ...(verbs && { access_token }) });
  return socket;
}

type Sent = { headers?: Record<string, string>; body?: string | Uint8Array<ArrayBuffer>; method?: string };

async function post(
  path: string,
  { headers = {}, body = '{}', method = 'POST' }: Sent = {},
): Promise<unknown[]> {
  const answer = await fetch(`${stack.url}/realtime/v1/api/broadcast${path}`, {
    method,
    headers: { apikey: stack.publishableKey, 'content-type': 'application/json', ...headers },
    ...(method === 'POST' ? { body } : {}),
  });
  const text = await answer.text();
  return text === '' ? [answer.status] : [answer.status, JSON.parse(text)];
}

const batch = (...messages: object[]) => ({ body: JSON.stringify({ messages }) });
const bearer = async (rooms: Record<string, string[]>) => ({
  authorization: `Bearer ${await signToken(stack.jwtSecret, { rooms })}`,
});

test('[RTH1] messages of several topics go out in one request', async () => {
  const [one, two] = [await enter('h1a'), await enter('h1b')];
  const message = (topic: string, n: number) => ({ topic, event: 'e', payload: { n } });
  expect(
    await post('?apikey=x&vsn=2.0.0', batch(message('h1a', 1), message('h1b', 2), message('h1a', 3))),
  ).toEqual([202]);
  const heard = (topic: string, n: number) => [
    null,
    null,
    `realtime:${topic}`,
    'broadcast',
    { payload: { n }, event: 'e', type: 'broadcast' },
  ];
  expect(await one.heard()).toEqual([heard('h1a', 1), heard('h1a', 3)]);
  expect(await two.heard()).toEqual([heard('h1b', 2)]);
});

test('[RTH2] one message by its address, as JSON or bytes, names escaped', async () => {
  const socket = await enter('room/1 ä');
  const path = `/${encodeURIComponent('room/1 ä')}/events/${encodeURIComponent('e/x')}`;
  expect(await post(path, { body: '{"n":1.50}' })).toEqual([202]);
  const headers = { 'content-type': 'application/octet-stream' };
  expect(await post(path, { headers, body: new Uint8Array([0, 255]) })).toEqual([202]);
  const frame = { kind: 4, topic: 'realtime:room/1 ä', event: 'e/x', meta: undefined };
  expect(await socket.next()).toEqual({ ...frame, payload: { n: 1.5 } });
  expect(await socket.next()).toEqual({ ...frame, payload: '00ff' });
});

test('[RTH3] private topics take messages of whom policies let write; a batch is answered alike', async () => {
  const [inside, outside] = [await enter('h3', ['hear']), await enter('h3')];
  const message = { topic: 'h3', event: 'e', payload: {}, private: true };
  const may = await bearer({ h3: ['speak'] });
  const mayNot = await bearer({ other: ['speak'] });
  expect(await post('', { ...batch(message), headers: mayNot })).toEqual([202]);
  expect(await post('', batch(message))).toEqual([202]);
  expect(await post('/h3/events/e?private=true', { headers: mayNot })).toEqual([
    403,
    { message: 'Unauthorized' },
  ]);
  expect(await inside.heard()).toEqual([]);
  expect(await post('', { ...batch(message), headers: may })).toEqual([202]);
  expect(await post('', { ...batch(message), headers: { apikey: stack.secretKey } })).toEqual([202]);
  expect(await post('/h3/events/e?private=true', { headers: may })).toEqual([202]);
  expect(await inside.heard()).toHaveLength(3);
  expect(await outside.heard()).toEqual([]);
});

test('[RTH4] an opaque key in Authorization stands for its role; a token of one’s own outranks the key', async () => {
  const inside = await enter('h4', ['hear']);
  const path = '/h4/events/e?private=true';
  const secret = { authorization: `Bearer ${stack.secretKey}`, apikey: stack.secretKey };
  expect(await post(path, { headers: secret })).toEqual([202]);
  const less = { ...(await bearer({})), apikey: stack.secretKey };
  expect(await post(path, { headers: less })).toEqual([403, { message: 'Unauthorized' }]);
  expect(await inside.heard()).toHaveLength(1);
});

test('[RTH5] who has no key, or a token that is no good, is refused', async () => {
  const refusal = [401, { message: 'Unauthorized' }];
  expect(await post('', { headers: { apikey: '' } })).toEqual(refusal);
  expect(await post('', { headers: { apikey: 'sb_publishable_made_up' } })).toEqual(refusal);
  expect(await post('', { headers: { authorization: 'Bearer nonsense' } })).toEqual(refusal);
  const other = `Bearer ${await signToken('another secret than that of this stack')}`;
  expect(await post('/a/events/e', { headers: { authorization: other } })).toEqual(refusal);
});

test('[RTH6] what a request lacks is said', async () => {
  expect(await post('')).toEqual([422, { errors: { messages: ["can't be blank"] } }]);
  expect((await post('', { body: 'no json' }))[0]).toBe(422);
  const good = { topic: 'a', event: 'e', payload: {} };
  expect(await post('', batch(good, { topic: 'a', event: '' }))).toEqual([
    422,
    { errors: { messages: [{}, { event: ["can't be blank"], payload: ["can't be blank"] }] } },
  ]);
  expect((await post('', batch({ topic: 'a', event: 'e', payload: [1] })))[0]).toBe(422);
  expect((await post('', batch({ topic: '', event: 'e', payload: {} })))[0]).toBe(422);
  expect((await post('/a/events/e', { body: '{' }))[0]).toBe(422);
  expect((await post('/%zz/events/e'))[0]).toBe(422);
  const error = 'Unsupported Media Type. Use application/json or application/octet-stream';
  expect(await post('/a/events/e', { headers: { 'content-type': 'text/plain' } })).toEqual([415, { error }]);
  expect((await post('/a'))[0]).toBe(404);
  expect((await post('/a/events/e', { method: 'GET' }))[0]).toBe(405);
});

test('[RTH7] browsers of other origins may ask', async () => {
  for (const path of ['', '/a/events/e']) {
    const preflight = await fetch(`${stack.url}/realtime/v1/api/broadcast${path}`, {
      method: 'OPTIONS',
      headers: {
        origin: 'http://elsewhere.test',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'apikey,authorization,content-type',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
  }
  const answer = await fetch(`${stack.url}/realtime/v1/api/broadcast`, { method: 'POST' });
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
});

test('[RTH8] the client sends without having joined', async () => {
  const socket = await enter('h8');
  const channelOf = (isPrivate: boolean) =>
    createClient(stack.url, stack.publishableKey, { auth: { persistSession: false } }).channel('h8', {
      config: { private: isPrivate },
    });
  const channel = channelOf(false);
  expect(await channel.httpSend('e', { n: 1 })).toEqual({ success: true });
  expect(await channel.httpSend('e', new Uint8Array([7]).buffer)).toEqual({ success: true });
  const [json, bytes] = [await socket.next(), await socket.next()];
  expect([json, bytes]).toMatchObject([{ payload: { n: 1 } }, { payload: '07' }]);
  await expect(channelOf(true).httpSend('e', {})).rejects.toThrow('Unauthorized');
});

test('[RTH9] a message is kept where its policy lets, for as long as it says', async () => {
  const headers = await bearer({ h9: ['speak', 'keep'] });
  const path = '/h9/events/e?private=true';
  expect(await post(`${path}&persist%5Bttl%5D=60`, { headers })).toEqual([202]);
  expect(await post(`${path}&persist=true`, { headers, body: '{"n":2}' })).toEqual([202]);
  expect(
    await stack.admin`
    select payload, skip_broadcast, round(extract(epoch from expires_at - inserted_at))::int as seconds
    from realtime.messages where topic = 'h9' order by inserted_at`,
  ).toEqual([
    { payload: {}, skip_broadcast: true, seconds: 60 },
    { payload: { n: 2 }, skip_broadcast: true, seconds: 259_200 },
  ]);
  const speaker = await bearer({ h9: ['speak'] });
  expect(await post(`${path}&persist=true`, { headers: speaker })).toEqual([
    403,
    { message: 'Unauthorized' },
  ]);
  for (const bad of ['persist%5Bttl%5D=0', 'persist%5Bttl%5D=x', 'persist=maybe'])
    expect((await post(`${path}&${bad}`, { headers }))[0]).toBe(422);
  expect((await post('/h9/events/e?persist=true', { headers }))[0]).toBe(422);
});

test('[RTH10] elsewhere below its path there is nothing', async () => {
  const answer = await fetch(`${stack.url}/realtime/v1/elsewhere`);
  expect([answer.status, await answer.json()]).toEqual([404, { message: 'Not found' }]);
  expect((await fetch(`${stack.url}/realtime/v1/api/tenants`)).status).toBe(404);
});
