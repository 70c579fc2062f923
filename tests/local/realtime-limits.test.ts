import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Limits } from '../../local/realtime/limits.ts';
import type { Stack } from '../../local/stack.ts';
import { broadcastPush, openRealtimeSocket, type RealtimeSocket } from '../support/realtime-socket.ts';
import { cleanUp, startFixture } from './fixture-stack.ts';
import { startOwnRealtime } from './own-realtime.ts';

let stack: Stack;
let stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  stack = await startFixture();
}, 120_000);
afterEach(async () => {
  for (const stop of stops) await stop();
  stops = [];
});
afterAll(cleanUp, 60_000);

async function serve(limits: Partial<Limits>, isEnabled?: boolean) {
  const { url, stop } = await startOwnRealtime(stack, limits, isEnabled);
  stops.push(stop);
  return { url, open: () => openRealtimeSocket(url, stack.publishableKey) };
}

const topic = 'realtime:room';
const ack = { config: { broadcast: { ack: true }, presence: { key: 'k' } } };
const push = (ref: string, payload: object | Buffer = {}) =>
  broadcastPush({ joinRef: '1', ref, topic, event: 'e', payload });
const track = (payload: object) => [
  '1',
  't',
  topic,
  'presence',
  { type: 'presence', event: 'track', payload },
];
const replied = (ref: string, status = 'ok', response: object = {}) => [
  '1',
  ref,
  topic,
  'phx_reply',
  { status, response },
];

/** The channel says why it ends, and ends; the socket stays. */
async function expectShutDown(socket: RealtimeSocket, message: string): Promise<void> {
  const payload = { extension: 'system', status: 'error', message, channel: 'room' };
  expect(await socket.next()).toEqual(['1', null, topic, 'system', payload]);
  expect(await socket.next()).toEqual(['1', '1', topic, 'phx_close', {}]);
  expect(await socket.heard()).toEqual([]);
}

function upgradeStatus(url: string): Promise<{ status: number | undefined; body: string }> {
  const address = `${url.replace('http', 'ws')}/realtime/v1/websocket?vsn=2.0.0&apikey=${stack.publishableKey}`;
  const ws = new WebSocket(address);
  return new Promise((resolve) => {
    ws.once('error', () => {});
    ws.once('unexpected-response', (_, response) => {
      let body = '';
      response.on('data', (part: Buffer) => (body += part.toString()));
      response.on('end', () => resolve({ status: response.statusCode, body }));
    });
  });
}

test('[RTL4] so many sockets, and no more', async () => {
  const { url, open } = await serve({ sockets: 1 });
  const socket = await open();
  expect(await upgradeStatus(url)).toEqual({ status: 429, body: '{"error":"Too many connected users"}' });
  socket.ws.close();
  await socket.closed;
  expect(await (await open()).heard()).toEqual([]);
});

test('[RTL5] so many channels of a socket', async () => {
  const socket = await (await serve({ channelsPerSocket: 2 })).open();
  for (const name of ['a', 'b']) await socket.join(`realtime:${name}`);
  const reason = 'ChannelRateLimitReached: Too many channels';
  expect(await socket.join('realtime:c')).toEqual({ status: 'error', response: { reason } });
  // Joined again, it takes its own place.
  socket.send(['2', '2', 'realtime:a', 'phx_join', {}]);
  expect(await socket.next()).toEqual(['1', '1', 'realtime:a', 'phx_close', {}]);
  expect(await socket.next()).toMatchObject(['2', '2', 'realtime:a', 'phx_reply', { status: 'ok' }]);
});

test('[RTL6] who joins too often is told so and disconnected', async () => {
  const socket = await (await serve({ joinsPerSecond: 1 / 60 })).open();
  await socket.join('realtime:a');
  const reason = 'ClientJoinRateLimitReached: Too many joins per second';
  expect(await socket.join('realtime:b')).toEqual({ status: 'error', response: { reason } });
  expect(await socket.closed).toBe(1008);
});

test('[RTL7] messages above the rate end their channel, and are refused over HTTP', async () => {
  const { url, open } = await serve({ messagesPerSecond: 2 / 60 });
  const socket = await open();
  await socket.join(topic, ack);
  for (const ref of ['2', '3']) {
    socket.send(push(ref));
    expect(await socket.next()).toEqual(replied(ref));
  }
  socket.send(push('4'));
  await expectShutDown(socket, 'Too many messages per second');
  const send = async (path: string, body: object) => {
    const headers = { apikey: stack.publishableKey, 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await fetch(`${url}/realtime/v1/api/broadcast${path}`, init);
    return [answer.status, await answer.json()];
  };
  const message = { topic: 'a', event: 'e', payload: {} };
  expect(await send('/a/events/e', {})).toEqual([429, { message: 'You have exceeded your rate limit' }]);
  expect(await send('', { messages: [message] })).toEqual([
    429,
    { message: 'Too many messages to broadcast, please reduce the batch size' },
  ]);
});

test('[RTL8] presence above the rates ends its channel', async () => {
  const calls = { presenceCalls: 1, presenceWindowMs: 60_000 };
  for (const [limits, message] of [
    [calls, 'Client presence rate limit exceeded'],
    [{ presencePerSecond: 1 / 60 }, 'Too many presence messages per second'],
  ] as const) {
    const socket = await (await serve(limits)).open();
    await socket.join(topic, ack);
    socket.send(track({ n: 1 }));
    for (let frames = 0; frames < 3; frames++) await socket.next();
    socket.send(track({ n: 2 }));
    await expectShutDown(socket, message);
  }
});

test('[RTL9] presence calls are counted anew in the next window', async () => {
  const socket = await (await serve({ presenceCalls: 1, presenceWindowMs: 0 })).open();
  await socket.join(topic, ack);
  for (const n of [1, 2, 3]) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    socket.send(track({ n }));
  }
  const frames = await socket.heard();
  expect(frames.filter((frame) => Array.isArray(frame) && frame[3] === 'presence_diff')).toHaveLength(3);
});

test('[RTL10] payloads above the size are refused, however they come', async () => {
  const { url, open } = await serve({ payloadBytes: 100 });
  const [socket, other] = [await open(), await open()];
  for (const each of [socket, other]) await each.join(topic, ack);
  const long = { text: 'x'.repeat(100) };
  const tooLong = { error: 'payload_size_exceeded' };
  socket.send(push('2', long));
  expect(await socket.next()).toEqual(replied('2', 'error', tooLong));
  socket.send(['1', '3', topic, 'broadcast', { type: 'broadcast', event: 'e', payload: long }]);
  expect(await socket.next()).toEqual(replied('3', 'error', tooLong));
  const headers = { apikey: stack.publishableKey, 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(long) };
  expect((await fetch(`${url}/realtime/v1/api/broadcast/room/events/e`, init)).status).toBe(422);
  expect(await other.heard()).toEqual([]);
  socket.send(track(long));
  await expectShutDown(socket, 'Track message size exceeded');
});

test('[RTL11] a frame above five million bytes ends its socket', async () => {
  const socket = await (await serve({})).open();
  socket.send(Buffer.alloc(5_000_001));
  expect(await socket.closed).toBe(1009);
});

test('[RTL12] a silent socket is closed, one with heartbeats is not', async () => {
  const { open } = await serve({ idleMs: 600 });
  const [silent, alive] = [await open(), await open()];
  const beat = setInterval(() => alive.send([null, 'b', 'phoenix', 'heartbeat', {}]), 100);
  for (const socket of [silent, alive]) socket.send(['1', '1', topic, 'phx_join', {}]);
  expect(await silent.closed).toBe(1001);
  clearInterval(beat);
  expect(alive.ws.readyState).toBe(alive.ws.OPEN);
});

test('[RTL13] a socket without channels is closed after a while', async () => {
  const { open } = await serve({ emptyMs: 300, idleMs: 600 });
  const [empty, left] = [await open(), await open()];
  await left.join(topic);
  left.send(['1', '2', topic, 'phx_leave', {}]);
  expect(await empty.closed).toBe(1001);
  expect(await left.closed).toBe(1001);
});

test('[RTL14] who does not read is cut off, and the others hear all', async () => {
  const { open } = await serve({ waitingBytes: 200_000 });
  const [sender, stuck, other] = [await open(), await open(), await open()];
  for (const socket of [sender, stuck, other]) await socket.join(topic, ack);
  stuck.ws.pause();
  const large = Buffer.alloc(400_000);
  for (let sent = 0; sent < 40; sent++) {
    sender.send(push(`${sent}`, large));
    expect(await sender.next()).toEqual(replied(`${sent}`));
    expect(await other.next()).toMatchObject({ event: 'e' });
  }
  stuck.ws.resume();
  expect(await stuck.closed).toBe(1006);
}, 30_000);

test('[RTL15] where config.toml switches it off, everything is refused', async () => {
  const { url } = await serve({}, false);
  const refusal = 'Realtime was disabled for this tenant';
  expect(await upgradeStatus(url)).toEqual({ status: 403, body: JSON.stringify({ error: refusal }) });
  const answer = await fetch(`${url}/realtime/v1/api/broadcast`, { method: 'POST' });
  expect([answer.status, await answer.json()]).toEqual([403, { message: refusal }]);
});
