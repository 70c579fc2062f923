import { createClient, type RealtimeChannel } from '@supabase/supabase-js';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { keepPartitions } from '../../local/realtime/keep-partitions.ts';
import type { Stack } from '../../local/stack.ts';
import { openRealtimeSocket, type RealtimeSocket } from '../support/realtime-socket.ts';
import { cleanUp, eventually, startFixture, temporaryDirectory } from './fixture-stack.ts';
import { signToken } from './sign-token.ts';

let stack: Stack;
let port: number;
const dataDir = temporaryDirectory();

beforeAll(async () => {
  port = await freePort();
  stack = await startFixture({ dataDir, port });
}, 120_000);
afterAll(cleanUp, 60_000);

let rooms = 0;
/** Each test has its own: what the database sends may come while the next one runs. */
let room: string;
let topic: string;
beforeEach(() => {
  room = `room-${++rooms}`;
  topic = `realtime:${room}`;
});

const sign = (verbs: string[], expiresAt?: number) =>
  signToken(stack.jwtSecret, { rooms: { [room]: verbs } }, expiresAt);
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
const renew = (socket: RealtimeSocket, access_token: unknown) =>
  socket.send(['1', 'r', topic, 'access_token', { access_token }]);
const speak = (socket: RealtimeSocket, ref: string) =>
  socket.send(['1', ref, topic, 'broadcast', { type: 'broadcast', event: 'e', payload: {} }]);
const replied = (ref: string, status: string, response: object = {}) => [
  '1',
  ref,
  topic,
  'phx_reply',
  { status, response },
];

async function enter(access_token: string, isPrivate = true): Promise<RealtimeSocket> {
  const socket = await openRealtimeSocket(stack.url, stack.publishableKey);
  const config = { private: isPrivate, broadcast: { ack: true } };
  await socket.join(topic, { config, access_token });
  return socket;
}

async function expectShutDown(socket: RealtimeSocket, message: unknown): Promise<void> {
  const payload = { extension: 'system', status: 'error', message, channel: room };
  expect(await socket.next()).toEqual(['1', null, topic, 'system', payload]);
  expect(await socket.next()).toEqual(['1', '1', topic, 'phx_close', {}]);
}

test('[RTT1] a channel ends when its token does, a public one too; nothing further reaches it', async () => {
  const channels = [
    await enter(await sign(['hear'], inSeconds(2))),
    await enter(await sign([], inSeconds(2)), false),
  ];
  for (const socket of channels)
    await expectShutDown(socket, expect.stringMatching(/^Token has expired [01] seconds ago$/));
  const witnesses = [await enter(await sign(['hear'])), await enter(await sign([]), false)];
  await stack.admin`select realtime.send('{}', 'e', ${room}, n = 1) from generate_series(1, 2) n`;
  for (const witness of witnesses) expect(await witness.next()).toMatchObject({ event: 'e' });
  for (const socket of channels) expect(await socket.heard()).toEqual([]);
});

test('[RTT2] a token that is renewed in time is not answered, and keeps the channel open', async () => {
  const socket = await enter(await sign(['hear', 'speak'], inSeconds(2)));
  renew(socket, await sign(['hear', 'speak']));
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  speak(socket, '2');
  expect(await socket.next()).toEqual(replied('2', 'ok'));
});

test('[RTT3] what is no token, an opaque key, and the same again change nothing', async () => {
  const token = await sign(['hear', 'speak']);
  const socket = await enter(token);
  for (const each of [null, stack.publishableKey, 7, '', token]) renew(socket, each);
  socket.send(['1', 'r', topic, 'access_token', null]);
  speak(socket, '2');
  expect(await socket.next()).toEqual(replied('2', 'ok'));
});

test('[RTT4] a new token that may not read ends the channel', async () => {
  const socket = await enter(await sign(['hear', 'speak']));
  renew(socket, await sign(['speak']));
  await expectShutDown(socket, `You no longer have permission to read from this Channel topic: ${room}`);
  const witness = await enter(await sign(['hear']));
  await stack.admin`select realtime.send('{}', 'e', ${room})`;
  expect(await witness.next()).toMatchObject({ event: 'e' });
  expect(await socket.heard()).toEqual([]);
});

test('[RTT5] a new token that is no good ends the channel, and says why', async () => {
  const why = {
    nonsense: 'The token provided is not a valid JWT',
    [await signToken('another secret than that of this stack')]: 'Failed to validate JWT signature',
    [await sign(['hear'], inSeconds(-100))]: expect.stringMatching(/^Token has expired 10\d seconds ago$/),
  };
  for (const [token, message] of Object.entries(why)) {
    const socket = await enter(await sign(['hear']));
    renew(socket, token);
    await expectShutDown(socket, message);
  }
});

test('[RTT6] what a token may write is asked once, and anew for another token', async () => {
  const [first, second] = [await sign(['hear', 'speak']), await sign(['hear', 'speak', 'more'])];
  const socket = await enter(first);
  speak(socket, '2');
  expect(await socket.next()).toEqual(replied('2', 'ok'));
  await stack.admin`alter policy "rooms are spoken in" on realtime.messages with check (false)`;
  speak(socket, '3');
  expect(await socket.next()).toEqual(replied('3', 'ok'));
  renew(socket, second);
  speak(socket, '4');
  expect(await socket.next()).toEqual(replied('4', 'error', { error: 'unauthorized' }));
  await stack.admin`
    alter policy "rooms are spoken in" on realtime.messages with check (extension = 'broadcast' and private.may('speak'))`;
  renew(socket, first);
  speak(socket, '5');
  expect(await socket.next()).toEqual(replied('5', 'ok'));
});

test('[RTT7] what is sent while policies are asked waits its turn', async () => {
  const socket = await openRealtimeSocket(stack.url, stack.publishableKey);
  const access_token = await sign(['hear', 'speak']);
  socket.send([
    '1',
    '1',
    topic,
    'phx_join',
    { config: { private: true, broadcast: { ack: true } }, access_token },
  ]);
  for (const ref of ['2', '3', '4']) speak(socket, ref);
  expect(await socket.next()).toEqual(replied('1', 'ok', { postgres_changes: [] }));
  for (const ref of ['2', '3', '4']) expect(await socket.next()).toEqual(replied(ref, 'ok'));
});

/** A client that comes back quickly, in a private room, hearing what the database sends there. */
async function listen(): Promise<{
  channel: RealtimeChannel;
  heard: unknown[];
  statuses: string[];
  stop: () => void;
}> {
  const client = createClient(stack.url, stack.publishableKey, {
    accessToken: () => sign(['hear', 'see', 'show']),
    realtime: { reconnectAfterMs: () => 100 },
  });
  await client.realtime.setAuth();
  const [heard, statuses]: [unknown[], string[]] = [[], []];
  const channel = client.channel(room, { config: { private: true, presence: { key: 'me' } } });
  channel.on('broadcast', { event: '*' }, ({ payload }) => heard.push(payload));
  await new Promise<void>((resolve) =>
    channel.subscribe((status) => {
      statuses.push(status);
      if (status === 'SUBSCRIBED') resolve();
    }),
  );
  return { channel, heard, statuses, stop: () => void client.removeAllChannels() };
}

/** Sends until it is heard: the client comes back in its own time. */
async function expectHearsAgain({ heard }: { heard: unknown[] }): Promise<void> {
  const before = heard.length;
  const sendAndCount = async () => {
    await stack.admin`select realtime.send('{}', 'e', ${room})`.catch(() => {});
    return heard.length;
  };
  expect(await eventually(sendAndCount, (count) => count > before, 60_000)).toBeGreaterThan(before);
}

test('[RTR1] when PostgreSQL ends, private joins say so; when it is back, sockets are closed and clients return', async () => {
  const listener = await listen();
  const raw = await enter(await sign(['hear']));
  const [{ pid } = {}] =
    await stack.admin`select split_part(pg_read_file('postmaster.pid'), chr(10), 1) as pid`;
  process.kill(Number(pid), 'SIGKILL');
  const during = await openRealtimeSocket(stack.url, stack.publishableKey);
  const access_token = await sign(['hear']);
  const join = () => during.join(topic, { config: { private: true }, access_token });
  const reason = 'UnableToConnectToProject: Realtime was unable to connect to the project database';
  expect(await eventually(join, (reply) => JSON.stringify(reply).includes('error'))).toMatchObject({
    response: { reason },
  });
  expect(await raw.closed).toBe(1012);
  await expectHearsAgain(listener);
  listener.stop();
}, 120_000);

test('[RTR2] when only the listening connection ends, messages may have been missed: sockets are closed', async () => {
  const listener = await listen();
  const raw = await enter(await sign(['hear']));
  await stack.admin`
    select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen%realtime_messages%'`;
  expect(await raw.closed).toBe(1012);
  await expectHearsAgain(listener);
  listener.stop();
}, 60_000);

test('[RTR3] over a restart of the whole stack clients come back by themselves, with their presence', async () => {
  const listener = await listen();
  await listener.channel.track({ here: true });
  const raw = await enter(await sign(['hear']));
  await stack.stop();
  expect(await raw.closed).toBe(1012);
  stack = await startFixture({ dataDir, port });
  await expectHearsAgain(listener);
  expect(listener.statuses.at(-1)).toBe('SUBSCRIBED');
  expect(await listener.channel.track({ here: true })).toBe('ok');
  listener.stop();
}, 120_000);

test('[RTM1] there are partitions from yesterday to three days ahead; older ones go, and none is made twice', async () => {
  const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
  const names = async () =>
    (
      await stack.admin<{ name: string }[]>`
        select inhrelid::regclass::text as name from pg_inherits where inhparent = 'realtime.messages'::regclass`
    ).map(({ name }) => name.replace('realtime.messages_', ''));
  // At midnight there may be one more, which is not old enough to go.
  const expected = expect.arrayContaining([
    'default',
    ...[-1, 0, 1, 2, 3].map((offset) => day(offset).replaceAll('-', '_')),
  ]);
  expect(await names()).toEqual(expected);
  const { admin } = stack;
  await admin`drop table realtime.${admin(`messages_${day(3).replaceAll('-', '_')}`)}`;
  await admin`create table realtime.messages_2020_01_01 partition of realtime.messages
    for values from ('2020-01-01') to ('2020-01-02')`;
  await admin`insert into realtime.messages (topic, extension, inserted_at) values
    ('m1', 'broadcast', ${`${day(3)} 12:00`}::text::timestamp), ('m1', 'broadcast', '2020-01-01'),
    ('m1', 'broadcast', '2020-06-01')`;
  let reloads = 0;
  const listening = await admin.listen('pgrst', () => void reloads++);
  await keepPartitions(admin);
  expect(await names()).toEqual(expected);
  expect(await names()).not.toContain('2020_01_01');
  const kept =
    await admin`select tableoid::regclass::text as place from realtime.messages where topic = 'm1'`;
  expect(kept).toEqual([{ place: `realtime.messages_${day(3).replaceAll('-', '_')}` }]);
  const madeBy = reloads;
  await keepPartitions(admin);
  await admin`select pg_notify('pgrst', 'end')`;
  await eventually(
    async () => reloads,
    (count) => count > madeBy,
  );
  expect(reloads).toBe(madeBy + 1);
  await listening.unlisten();
});

test('[RTM2] partitions are no way past the policies', async () => {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '_');
  for (const role of ['anon', 'authenticated', 'service_role']) {
    const attempt = stack.admin.begin(async (tx) => {
      await tx.unsafe(`set local role ${role}`);
      await tx`select from ${tx(`realtime.messages_${day}`)}`;
    });
    await expect(attempt).rejects.toThrow(/permission denied for table messages_/);
  }
});
