import { createClient, type RealtimeChannel } from '@supabase/supabase-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { broadcastPush, openRealtimeSocket, type SocketOptions } from '../support/realtime-socket.ts';
import { cleanUp, eventually, startFixture } from './fixture-stack.ts';
import { signToken } from './sign-token.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startFixture();
}, 120_000);
afterAll(cleanUp, 60_000);

const open = (options?: SocketOptions) => openRealtimeSocket(stack.url, stack.publishableKey, options);
const text = (event: string, payload: unknown) => ({ type: 'broadcast', event, payload });

/** In a public room, or with these verbs in the private one. */
async function enter(topic: string, broadcast: object = {}, verbs?: string[], options?: SocketOptions) {
  const socket = await open(options);
  const name = topic.replace('realtime:', '');
  const access_token = await signToken(stack.jwtSecret, { rooms: { [name]: verbs ?? [] } });
  const config = { broadcast, private: verbs !== undefined };
  await socket.join(topic, { config, ...(verbs && { access_token }) });
  return socket;
}

const replied = (topic: string, ref: string, status: string, response: object = {}) => [
  '1',
  ref,
  topic,
  'phx_reply',
  { status, response },
];

test('[RTB1] a broadcast in bytes reaches the others as it is, without anything of its sender', async () => {
  const topic = 'realtime:b1';
  const [sender, receiver, elsewhere] = [await enter(topic), await enter(topic), await enter('realtime:b1b')];
  sender.send(broadcastPush({ joinRef: '1', ref: '2', topic, event: 'hi', payload: { n: 1 } }));
  const json = { kind: 4, topic, event: 'hi', meta: undefined, payload: { n: 1 } };
  expect(await receiver.next()).toEqual(json);
  const bytes = Buffer.from([0, 255, 1]);
  sender.send(broadcastPush({ joinRef: '1', ref: '3', topic, event: 'hi', payload: bytes }));
  expect(await receiver.next()).toEqual({ ...json, payload: '00ff01' });
  expect(await sender.heard()).toEqual([]);
  expect(await elsewhere.heard()).toEqual([]);
});

test('[RTB2] one in text is passed on word for word', async () => {
  const topic = 'realtime:b2';
  const [sender, receiver] = [await enter(topic), await enter(topic)];
  const payload = { ...text('e', { deep: [1, 'ä'] }), more: true };
  sender.send(['1', '2', topic, 'broadcast', payload]);
  expect(await receiver.next()).toEqual([null, null, topic, 'broadcast', payload]);
});

test('[RTB3] a sender hears itself if it wants to, before its acknowledgement', async () => {
  const topic = 'realtime:b3';
  const sender = await enter(topic, { self: true, ack: true });
  sender.send(broadcastPush({ joinRef: '1', ref: '2', topic, event: 'e', payload: {} }));
  expect(await sender.next()).toMatchObject({ kind: 4, event: 'e' });
  expect(await sender.next()).toEqual(replied(topic, '2', 'ok'));
});

test('[RTB4] private rooms: who may not speak is told so where it asked for acknowledgements', async () => {
  const topic = 'realtime:b4';
  const [speaker, listener] = [
    await enter(topic, { ack: true }, ['hear', 'speak']),
    await enter(topic, {}, ['hear']),
  ];
  const mute = await enter(topic, { ack: true }, ['hear']);
  const push = broadcastPush({ joinRef: '1', ref: '2', topic, event: 'e', payload: {} });
  speaker.send(push);
  expect(await speaker.next()).toEqual(replied(topic, '2', 'ok'));
  for (const socket of [listener, mute]) expect(await socket.next()).toMatchObject({ event: 'e' });
  mute.send(push);
  expect(await mute.next()).toEqual(replied(topic, '2', 'error', { error: 'unauthorized' }));
  listener.send(push);
  listener.send(['1', '3', topic, 'broadcast', text('e', {})]);
  for (const socket of [listener, speaker, mute]) expect(await socket.heard()).toEqual([]);
});

test('[RTB5] a policy that fails refuses by name, and the channel stays', async () => {
  const topic = 'realtime:failing-write';
  const socket = await enter(topic, { ack: true }, ['hear']);
  socket.send(['1', '2', topic, 'broadcast', text('e', {})]);
  expect(await socket.next()).toEqual(replied(topic, '2', 'error', { error: 'rls_policy_error' }));
  expect(await socket.heard()).toEqual([]);
});

test('[RTB6] who may see and not hear is in the room without its messages', async () => {
  const topic = 'realtime:b6';
  const speaker = await enter(topic, { ack: true }, ['hear', 'speak']);
  const seer = await open();
  const access_token = await signToken(stack.jwtSecret, { rooms: { b6: ['see'] } });
  await seer.join(topic, { config: { private: true, presence: { enabled: true } }, access_token });
  await seer.next();
  speaker.send(['1', '2', topic, 'broadcast', text('e', {})]);
  await speaker.next();
  await stack.admin`select realtime.send('{}', 'e', 'b6')`;
  expect(await speaker.next()).toMatchObject({ kind: 4 });
  expect(await seer.heard()).toEqual([]);
});

test('[RTB7] both versions of the protocol talk to each other; the first does without bytes', async () => {
  const topic = 'realtime:b7';
  const [first, second] = [await open({ vsn: '1.0.0' }), await enter(topic)];
  first.send({
    topic,
    event: 'phx_join',
    payload: { config: { broadcast: { ack: true } } },
    ref: '1',
    join_ref: '1',
  });
  const reply = {
    topic,
    event: 'phx_reply',
    ref: '1',
    payload: { status: 'ok', response: { postgres_changes: [] } },
  };
  expect(await first.next()).toEqual(reply);
  second.send(broadcastPush({ joinRef: '1', ref: '2', topic, event: 'bytes', payload: Buffer.from([1]) }));
  second.send(broadcastPush({ joinRef: '1', ref: '3', topic, event: 'json', payload: { n: 1 } }));
  expect(await first.next()).toEqual({
    topic,
    event: 'broadcast',
    ref: null,
    payload: text('json', { n: 1 }),
  });
  first.send({ topic, event: 'broadcast', payload: text('back', {}), ref: '2' });
  expect(await second.next()).toEqual([null, null, topic, 'broadcast', text('back', {})]);
  expect(await first.next()).toEqual({ ...reply, ref: '2', payload: { status: 'ok', response: {} } });
  first.send(broadcastPush({ joinRef: '1', ref: '4', topic, event: 'e', payload: {} }));
  for (const socket of [first, second]) expect(await socket.heard()).toEqual([]);
});

test('[RTB8] what claims to be JSON and is none reaches nobody', async () => {
  const topic = 'realtime:b8';
  const [sender, receiver] = [await enter(topic), await enter(topic)];
  const push = broadcastPush({ joinRef: '1', ref: '2', topic, event: 'e', payload: Buffer.from('{"n":') });
  push[6] = 1;
  sender.send(push);
  for (const socket of [sender, receiver]) expect(await socket.heard()).toEqual([]);
});

test('[RTB9] names too long for bytes go as text', async () => {
  const topic = `realtime:${'ä'.repeat(130)}`;
  const receiver = await enter(topic);
  await stack.admin`select realtime.send('{"n": 1}', 'e', ${topic.replace('realtime:', '')}, false)`;
  const payload = {
    type: 'broadcast',
    event: 'e',
    payload: { n: 1, id: expect.any(String) },
    meta: expect.anything(),
  };
  expect(await receiver.next()).toEqual([null, null, topic, 'broadcast', payload]);
});

test('[RTB10] the client sends objects and bytes, and hears them', async () => {
  const channelOf = (): RealtimeChannel =>
    createClient(stack.url, stack.publishableKey, { auth: { persistSession: false } }).channel('b10', {
      config: { broadcast: { ack: true } },
    });
  const [sender, receiver] = [channelOf(), channelOf()];
  const heard: unknown[] = [];
  receiver.on('broadcast', { event: '*' }, (message) => heard.push(message));
  for (const channel of [sender, receiver]) await new Promise((resolve) => channel.subscribe(resolve));
  expect(await sender.send({ type: 'broadcast', event: 'a', payload: { n: 1 } })).toBe('ok');
  const bytes = new Uint8Array([1, 2]).buffer;
  expect(await sender.send({ type: 'broadcast', event: 'b', payload: bytes })).toBe('ok');
  await eventually(
    async () => heard,
    (all) => all.length === 2,
  );
  expect(heard).toEqual([text('a', { n: 1 }), text('b', bytes)]);
  for (const channel of [sender, receiver]) await channel.unsubscribe();
});

test('[RTD1] what the database sends comes after commit, in order, with its id; what is rolled back does not', async () => {
  const topic = 'realtime:d1';
  const receiver = await enter(topic);
  const rollback = stack.admin.begin(async (tx) => {
    await tx`select realtime.send('{"n": 0}', 'e', 'd1', false)`;
    throw new Error('rolled back');
  });
  await expect(rollback).rejects.toThrow('rolled back');
  await stack.admin.begin(async (tx) => {
    await tx`select realtime.send(jsonb_build_object('n', n), 'e', 'd1', false) from generate_series(1, 250) n`;
    expect(await receiver.heard()).toEqual([]);
  });
  const { id } = { id: expect.stringMatching(/^[0-9a-f-]{36}$/) };
  for (let n = 1; n <= 250; n++)
    expect(await receiver.next()).toEqual({ kind: 4, topic, event: 'e', meta: { id }, payload: { n, id } });
  await stack.admin`select realtime.send('{"id": "mine"}', 'e', 'd1', false)`;
  expect(await receiver.next()).toMatchObject({ meta: { id }, payload: { id: 'mine' } });
});

test('[RTD2] bytes of the database, and numbers, arrive as they are', async () => {
  const receiver = await enter('realtime:d2');
  await stack.admin`select realtime.send_binary('\\x00ff'::bytea, 'e', 'd2', false)`;
  expect(await receiver.next()).toMatchObject({ kind: 4, event: 'e', payload: '00ff' });
  const raw = new Promise((resolve) =>
    receiver.ws.once('message', (data) => resolve(Buffer.isBuffer(data) && data.toString())),
  );
  await stack.admin`select realtime.send('{"n": 12345678901234567890.10}', 'e', 'd2', false)`;
  expect(await raw).toContain('12345678901234567890.10');
});

test('[RTD3] private and public are two rooms for the database too; without saying so it is private', async () => {
  const [inside, outside] = [await enter('realtime:d3', {}, ['hear']), await enter('realtime:d3')];
  await stack.admin`select realtime.send('{"n": 1}', 'e', 'd3')`;
  expect(await inside.next()).toMatchObject({ payload: { n: 1 } });
  expect(await outside.heard()).toEqual([]);
  await stack.admin`select realtime.send('{"n": 2}', 'e', 'd3', false)`;
  expect(await outside.next()).toMatchObject({ payload: { n: 2 } });
  expect(await inside.heard()).toEqual([]);
});

test('[RTD4] a trigger broadcasts what changed', async () => {
  const receiver = await enter('realtime:d4', {}, ['hear']);
  const [row] = await stack.admin`insert into public.scores (room, points) values ('d4', 1) returning *`;
  await stack.admin`update public.scores set points = 2 where room = 'd4'`;
  await stack.admin`delete from public.scores where room = 'd4'`;
  const of = { table: 'scores', schema: 'public', id: expect.any(String) };
  const [one, two] = [1, 2].map((points) => ({ id: Number(row?.['id']), room: 'd4', points }));
  for (const [operation, record, old_record] of [
    ['INSERT', one, null],
    ['UPDATE', two, one],
    ['DELETE', null, two],
  ])
    expect(await receiver.next()).toMatchObject({
      event: operation,
      payload: { ...of, operation, record, old_record },
    });
});

test('[RTD5] sending never fails whoever sends; broadcast_changes says what is wrong', async () => {
  await stack.admin.begin(async (tx) => {
    await tx`set local role authenticated`;
    await tx`select realtime.send('{}', 'e', 'not-mine')`;
  });
  expect(await stack.admin`select from realtime.messages where topic = 'not-mine'`).toEqual([]);
  const call = (operation: string, level: string) =>
    stack.admin`select realtime.broadcast_changes('t', 'e', ${operation}, 'a', 'b', null, null, ${level})`;
  await expect(call('INSERT', 'STATEMENT')).rejects.toThrow(
    'Failed to process the row: function can only be triggered for each row, not for each statement',
  );
  await expect(call('TRUNCATE', 'ROW')).rejects.toThrow('Unexpected operation type: TRUNCATE');
});

test('[RTD6] a person sends from SQL on topics whose policies let them', async () => {
  const receiver = await enter('realtime:of:00000000-0000-4000-8000-000000000001', {}, []);
  await stack.admin.begin(async (tx) => {
    await tx`select set_config('request.jwt.claims', '{"sub": "00000000-0000-4000-8000-000000000001"}', true)`;
    await tx`set local role authenticated`;
    await tx`select realtime.send('{"n": 1}', 'e', 'of:00000000-0000-4000-8000-000000000001')`;
  });
  expect(await receiver.next()).toMatchObject({ payload: { n: 1 } });
});

test('[RTD7] notifications that are none of the server’s disturb nothing', async () => {
  const receiver = await enter('realtime:d7');
  for (const payload of [
    '',
    'x',
    '{}',
    '{"id" : "x", "inserted_at" : "y"}',
    '],[',
    `{"id" : "${'-'.repeat(36)}", "inserted_at" : "2026-01-01T00:00:00"}`,
  ])
    await stack.admin`select pg_notify('realtime_messages', ${payload})`;
  await stack.admin`select realtime.send('{"n": 1}', 'e', 'd7', false)`;
  expect(await receiver.next()).toMatchObject({ payload: { n: 1 } });
});

test('[RTD8] who asks is told that the database is listened to', async () => {
  const receiver = await enter('realtime:d8', { replication_ready: true });
  const message = 'Replication connection established';
  const payload = { extension: 'system', status: 'ok', message, channel: 'd8' };
  expect(await receiver.next()).toEqual(['1', null, 'realtime:d8', 'system', payload]);
});

test('[RTS1] a private message that is kept is replayed to who comes later, and not to who has it', async () => {
  const topic = 'realtime:s1';
  const since = Date.now() - 1000;
  const [sender, receiver] = [
    await enter(topic, { ack: true }, ['hear', 'speak', 'keep']),
    await enter(topic, {}, ['hear']),
  ];
  await stack.admin`select realtime.send('{"n": 1}', 'e', 's1')`;
  for (const socket of [sender, receiver]) await socket.next();
  const keep = (meta: object, ref: string) =>
    sender.send(
      broadcastPush({
        joinRef: '1',
        ref,
        topic,
        event: 'kept',
        meta: JSON.stringify(meta),
        payload: { n: 2 },
      }),
    );
  keep({ persist: { ttl: 60 } }, '2');
  const id = expect.stringMatching(/^[0-9a-f-]{36}$/);
  expect(await sender.next()).toEqual(replied(topic, '2', 'ok', { id }));
  expect(await receiver.next()).toMatchObject({ event: 'kept', payload: { n: 2 } });
  keep({ persist: { ttl: 0 } }, '3');
  expect(await sender.next()).toEqual(replied(topic, '3', 'error', { error: 'invalid_persist_ttl' }));
  expect(await receiver.heard()).toEqual([]);
  const late = await enter(topic, { replay: { since, limit: 10 } }, ['hear']);
  const meta = { replayed: true, id };
  for (const [event, payload] of [
    ['e', { n: 1, id }],
    ['kept', { n: 2 }],
  ] as const)
    expect(await late.next()).toEqual([
      '1',
      null,
      topic,
      'broadcast',
      { type: 'broadcast', event, payload, meta },
    ]);
  expect(await late.heard()).toEqual([]);
  const newest = await enter(topic, { replay: { since, limit: 0 } }, ['hear']);
  expect(await newest.heard()).toHaveLength(1);
});

test('[RTS2] keeping needs a policy of its own, and private rooms', async () => {
  const meta = JSON.stringify({ persist: true });
  for (const verbs of [['hear', 'speak'], undefined]) {
    const topic = 'realtime:s2';
    const sender = await enter(topic, { ack: true }, verbs);
    sender.send(broadcastPush({ joinRef: '1', ref: '2', topic, event: 'e', meta, payload: {} }));
    expect(await sender.next()).toEqual(replied(topic, '2', 'error', { error: 'unauthorized' }));
  }
  expect(await stack.admin`select from realtime.messages where topic = 's2'`).toEqual([]);
});

test('[RTS3] a replay is of private rooms, and its values have to be good', async () => {
  const access_token = await signToken(stack.jwtSecret, { rooms: { s3: ['hear'] } });
  const socket = await open();
  const join = (replay: unknown, isPrivate = true) =>
    socket.join('realtime:s3', { config: { private: isPrivate, broadcast: { replay } }, access_token });
  const refused = (why: string) => ({
    status: 'error',
    response: { reason: `UnableToReplayMessages: ${why}` },
  });
  expect(await join({ since: 1 }, false)).toEqual(refused('Replay is not allowed for public channels'));
  for (const replay of [{ since: 'x' }, {}, 7, { since: 1, limit: 1.5 }, { since: 1e18 }])
    expect(await join(replay)).toEqual(refused('Replay params are not valid'));
});

test('[RTS4] what has expired is not replayed', async () => {
  await stack.admin`
    insert into realtime.messages (topic, event, payload, extension, private, skip_broadcast, expires_at)
    values ('s4', 'e', '{}', 'broadcast', true, true, now() - interval '1 second')`;
  const late = await enter('realtime:s4', { replay: { since: 0 } }, ['hear']);
  expect(await late.heard()).toEqual([]);
});
