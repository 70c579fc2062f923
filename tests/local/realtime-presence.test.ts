import { createClient, type RealtimeChannel } from '@supabase/supabase-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Stack } from '../../local/stack.ts';
import { openRealtimeSocket, type RealtimeSocket } from '../support/realtime-socket.ts';
import { cleanUp, eventually, startFixture } from './fixture-stack.ts';
import { signToken } from './sign-token.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startFixture();
}, 120_000);
afterAll(cleanUp, 60_000);

const TOPIC = 'realtime:room';
const open = () => openRealtimeSocket(stack.url, stack.publishableKey);
const enabled = (key = '', more: object = {}) => ({ config: { presence: { enabled: true, key }, ...more } });
const track = (socket: RealtimeSocket, payload: unknown, topic = TOPIC) =>
  socket.send(['1', 't', topic, 'presence', { type: 'presence', event: 'track', payload }]);
const untrack = (socket: RealtimeSocket, topic = TOPIC) =>
  socket.send(['1', 'u', topic, 'presence', { type: 'presence', event: 'untrack' }]);
const replied = (ref: string, status = 'ok', response: object = {}, topic = TOPIC) => [
  '1',
  ref,
  topic,
  'phx_reply',
  { status, response },
];
const ref = expect.stringMatching(/^[\w-]{8,}$/);

/** Joins and takes the state that follows. */
async function enter(topic: string, key: string): Promise<{ socket: RealtimeSocket; state: unknown }> {
  const socket = await open();
  await socket.join(topic, enabled(key));
  return { socket, state: await socket.next() };
}

test('[RTP1] the state comes after the join, to whom presence is enabled for', async () => {
  const { state } = await enter('realtime:p1', 'a');
  expect(state).toEqual(['1', null, 'realtime:p1', 'presence_state', {}]);
  const without = await open();
  await without.join('realtime:p1');
  expect(await without.heard()).toEqual([]);
});

test('[RTP2] tracking is answered, and everyone in the room hears of it, the tracker too', async () => {
  const [{ socket: alice }, other] = [await enter(TOPIC, 'alice'), await open()];
  await other.join(TOPIC);
  track(alice, { at: 1 });
  expect(await alice.next()).toEqual(replied('t'));
  const diff = { joins: { alice: { metas: [{ at: 1, phx_ref: ref }] } }, leaves: {} };
  expect(await alice.next()).toEqual([null, null, TOPIC, 'presence_diff', diff]);
  expect(await other.next()).toEqual([null, null, TOPIC, 'presence_diff', diff]);
  const { state } = await enter(TOPIC, 'bob');
  expect(state).toEqual(['1', null, TOPIC, 'presence_state', diff.joins]);
});

test('[RTP3] tracking anew replaces, with a new reference and the old one; the same again changes nothing', async () => {
  const topic = 'realtime:p3';
  const { socket } = await enter(topic, 'a');
  const nextDiff = async (): Promise<unknown> => {
    expect(await socket.next()).toEqual(replied('t', 'ok', {}, topic));
    const frame = await socket.next();
    return Array.isArray(frame) ? frame[4] : frame;
  };
  track(socket, { at: 1 }, topic);
  const Diff = z.object({
    joins: z.object({ a: z.object({ metas: z.array(z.object({ phx_ref: z.string() })) }) }),
  });
  const first = Diff.parse(await nextDiff()).joins.a.metas[0]?.phx_ref;
  track(socket, { at: 2 }, topic);
  expect(await nextDiff()).toEqual({
    joins: { a: { metas: [{ at: 2, phx_ref: expect.not.stringMatching(`${first}`), phx_ref_prev: first }] } },
    leaves: { a: { metas: [{ at: 1, phx_ref: first }] } },
  });
  track(socket, { at: 2 }, topic);
  expect(await socket.next()).toEqual(replied('t', 'ok', {}, topic));
  expect(await socket.heard()).toEqual([]);
});

test('[RTP4] several sockets share a key, each with a meta of its own', async () => {
  const topic = 'realtime:p4';
  const [{ socket: one }, { socket: two }] = [await enter(topic, 'k'), await enter(topic, 'k')];
  track(one, { tab: 1 }, topic);
  for (const socket of [one, two]) await socket.next();
  await one.next();
  track(two, { tab: 2 }, topic);
  await one.next();
  const { state } = await enter(topic, 'watcher');
  const metas = [
    { tab: 1, phx_ref: ref },
    { tab: 2, phx_ref: ref },
  ];
  expect(state).toEqual(['1', null, topic, 'presence_state', { k: { metas } }]);
  two.ws.close();
  const leaves = { k: { metas: [{ tab: 2, phx_ref: ref }] } };
  expect(await one.next()).toEqual([null, null, topic, 'presence_diff', { joins: {}, leaves }]);
});

test.for([
  ['untracking', (socket: RealtimeSocket) => untrack(socket, 'realtime:p5')],
  ['leaving', (socket: RealtimeSocket) => socket.send(['1', '9', 'realtime:p5', 'phx_leave', {}])],
  ['closing', (socket: RealtimeSocket) => socket.ws.close()],
  ['vanishing', (socket: RealtimeSocket) => socket.ws.terminate()],
  ['joining again', (socket: RealtimeSocket) => socket.send(['2', '2', 'realtime:p5', 'phx_join', {}])],
] as const)('[RTP5] %s takes a presence back', async ([_, act]) => {
  const [{ socket: watcher }, { socket }] = [
    await enter('realtime:p5', 'w'),
    await enter('realtime:p5', 'a'),
  ];
  track(socket, {}, 'realtime:p5');
  await watcher.next();
  act(socket);
  const leaves = { a: { metas: [{ phx_ref: ref }] } };
  expect(await watcher.next()).toEqual([null, null, 'realtime:p5', 'presence_diff', { joins: {}, leaves }]);
  watcher.ws.close();
  socket.ws.close();
});

test('[RTP6] a key is made where none is given, one for each channel', async () => {
  const topic = 'realtime:p6';
  const [{ socket: one }, { socket: two }] = [await enter(topic, ''), await enter(topic, '')];
  track(one, {}, topic);
  track(two, {}, topic);
  for (let frames = 0; frames < 3; frames++) await two.next();
  const { state } = await enter(topic, 'watcher');
  const keys = Object.keys(Array.isArray(state) ? state[4] : {});
  expect(keys).toHaveLength(2);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f-]{36}$/);
});

test('[RTP7] who tracks without having enabled presence gets the state first', async () => {
  const topic = 'realtime:p7';
  const { socket: other } = await enter(topic, 'other');
  track(other, {}, topic);
  for (let frames = 0; frames < 2; frames++) await other.next();
  const socket = await open();
  await socket.join(topic, { config: { presence: { key: 'late' } } });
  track(socket, {}, topic);
  const state = { other: { metas: [{ phx_ref: ref }] } };
  expect(await socket.next()).toEqual(['1', null, topic, 'presence_state', state]);
  expect(await socket.next()).toEqual(replied('t', 'ok', {}, topic));
  const joins = { late: { metas: [{ phx_ref: ref }] } };
  expect(await socket.next()).toEqual([null, null, topic, 'presence_diff', { joins, leaves: {} }]);
});

test('[RTP8] what is no object, and no known verb, is refused; keys and values cannot harm', async () => {
  const topic = 'realtime:p8';
  const { socket } = await enter(topic, '__proto__');
  track(socket, [1], topic);
  const reason = 'Presence track payload must be a map';
  expect(await socket.next()).toEqual(replied('t', 'error', { reason }, topic));
  socket.send(['1', 'x', topic, 'presence', { type: 'presence', event: 'TRUCK' }]);
  expect(await socket.next()).toEqual(replied('x', 'error', {}, topic));
  socket.send(['1', 'y', topic, 'presence', 'nothing']);
  expect(await socket.next()).toEqual(replied('y', 'error', {}, topic));
  socket.send(`["1","t","${topic}","presence",{"event":"TRACK","payload":{"__proto__":1,"phx_ref":"mine"}}]`);
  expect(await socket.next()).toEqual(replied('t', 'ok', {}, topic));
  const frame = JSON.stringify(await socket.next());
  expect(frame).toMatch(/"joins":\{"__proto__":\{"metas":\[\{"__proto__":1,"phx_ref":"(?!mine)/);
});

test('[RTP9] private rooms show presence to whom policies let see it, and take it from whom they let', async () => {
  const topic = 'realtime:stage';
  const enter9 = async (verbs: string[]) => {
    const socket = await open();
    const access_token = await signToken(stack.jwtSecret, { rooms: { stage: verbs } });
    await socket.join(topic, { ...enabled(verbs.join(), { private: true }), access_token });
    return socket;
  };
  const [actor, watcher, listener] = [
    await enter9(['see', 'show']),
    await enter9(['hear', 'see']),
    await enter9(['hear']),
  ];
  expect(await actor.next()).toEqual(['1', null, topic, 'presence_state', {}]);
  expect(await watcher.next()).toEqual(['1', null, topic, 'presence_state', {}]);
  track(watcher, {}, topic);
  expect(await watcher.next()).toEqual(replied('t', 'error', {}, topic));
  track(actor, { on: true }, topic);
  expect(await actor.next()).toEqual(replied('t', 'ok', {}, topic));
  const joins = { 'see,show': { metas: [{ on: true, phx_ref: ref }] } };
  expect(await watcher.next()).toEqual([null, null, topic, 'presence_diff', { joins, leaves: {} }]);
  expect(await listener.heard()).toEqual([]);
});

test('[RTP10] public and private topics of one name are two rooms', async () => {
  const token = await signToken(stack.jwtSecret, { rooms: { double: ['hear', 'see', 'show'] } });
  const [inside, outside] = [await open(), await enter('realtime:double', 'o')];
  await inside.join('realtime:double', { ...enabled('i', { private: true }), access_token: token });
  await inside.next();
  track(inside, {}, 'realtime:double');
  await inside.next();
  expect(await outside.socket.heard()).toEqual([]);
});

test('[RTP11] the client sees who joins, changes and leaves', async () => {
  const channelOf = (key: string): RealtimeChannel => {
    const client = createClient(stack.url, stack.publishableKey, { auth: { persistSession: false } });
    return client.channel('p11', { config: { presence: { key } } });
  };
  const [one, two] = [channelOf('one'), channelOf('two')];
  const seen: string[] = [];
  one.on('presence', { event: 'join' }, ({ key }) => seen.push(`join ${key}`));
  one.on('presence', { event: 'leave' }, ({ key }) => seen.push(`leave ${key}`));
  two.on('presence', { event: 'sync' }, () => {});
  for (const channel of [one, two]) await new Promise((resolve) => channel.subscribe(resolve));
  expect(await one.track({ mood: 'good' })).toBe('ok');
  expect(await two.track({ mood: 'better' })).toBe('ok');
  const keys = async () => Object.keys(two.presenceState()).sort();
  expect(await eventually(keys, (all) => all.length === 2)).toEqual(['one', 'two']);
  expect(await two.untrack()).toBe('ok');
  await eventually(
    async () => seen,
    (events) => events.includes('leave two'),
  );
  expect(seen).toEqual(['join one', 'join two', 'leave two']);
  expect(one.presenceState()).toEqual({ one: [{ mood: 'good', presence_ref: ref }] });
  for (const channel of [one, two]) await channel.unsubscribe();
});
