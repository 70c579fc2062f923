import { createClient } from '@supabase/supabase-js';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Stack } from '../../local/stack.ts';
import { openRealtimeSocket, type SocketOptions } from '../support/realtime-socket.ts';
import { cleanUp, startFixture } from './fixture-stack.ts';
import { signToken } from './sign-token.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startFixture();
}, 120_000);
afterAll(cleanUp, 60_000);

const open = (options?: SocketOptions, key = stack.publishableKey) =>
  openRealtimeSocket(stack.url, key, options);
const privately = (access_token?: string, config: object = {}) => ({
  config: { private: true, ...config },
  ...(access_token === undefined ? {} : { access_token }),
});
const ok = { status: 'ok', response: { postgres_changes: [] } };
const refused = (reason: string) => ({ status: 'error', response: { reason } });
const unauthorized = (topic: string) =>
  refused(`Unauthorized: You do not have permissions to read from this Channel topic: ${topic}`);

/** What the upgrade is answered with, where it is refused. */
function refusedUpgrade(query: string): Promise<{ status: number | undefined; body: string }> {
  const ws = new WebSocket(`${stack.url.replace('http', 'ws')}/realtime/v1/websocket${query}`);
  return new Promise((resolve, reject) => {
    ws.once('open', () => reject(new Error('It was let in.')));
    ws.once('error', () => {});
    ws.once('unexpected-response', (_, response) => {
      let body = '';
      response.on('data', (part: Buffer) => (body += part.toString()));
      response.on('end', () => resolve({ status: response.statusCode, body }));
    });
  });
}

test('[RTC1] a socket needs a key or a valid token, and a version that there is', async () => {
  const sign = (claims: object, secret = stack.jwtSecret) =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret));
  const answers = {
    '?vsn=2.0.0': [401, 'API key is missing'],
    '?apikey=sb_publishable_made_up': [401, 'The token provided is not a valid JWT'],
    [`?apikey=${await sign({ role: 'anon', exp: 1 })}`]: [401, 'Token has expired'],
    [`?apikey=${await sign({ role: 'anon' })}`]: [401, 'Fields `role` and `exp` are required in JWT'],
    [`?apikey=${await sign({ role: 'anon', exp: 9e9 }, 'another')}`]: [
      401,
      'Failed to validate JWT signature',
    ],
  };
  for (const [query, [status, error]] of Object.entries(answers))
    expect(await refusedUpgrade(query)).toEqual({ status, body: JSON.stringify({ error }) });
  const wrongVersion = await refusedUpgrade(`?apikey=${stack.publishableKey}&vsn=3.0.0`);
  expect(wrongVersion).toEqual({ status: 403, body: '' });
  for (const key of [stack.publishableKey, stack.secretKey, await signToken(stack.jwtSecret)])
    (await open({}, key)).ws.close();
  const byHeader = await open({ headers: { 'x-api-key': stack.publishableKey } }, 'wrong');
  expect(await byHeader.heard()).toEqual([]);
});

test('[RTC2] a heartbeat is answered', async () => {
  const socket = await open();
  socket.send([null, '7', 'phoenix', 'heartbeat', {}]);
  expect(await socket.next()).toEqual([null, '7', 'phoenix', 'phx_reply', { status: 'ok', response: {} }]);
});

test('[RTC3] a public topic is open to all, and asks no policy', async () => {
  const socket = await open();
  socket.send(['6', '9', 'realtime:room:1', 'phx_join', { config: {} }]);
  expect(await socket.next()).toEqual(['6', '9', 'realtime:room:1', 'phx_reply', ok]);
  expect(await socket.join('realtime:nobody-may', {})).toEqual(ok);
});

test('[RTC4] a topic needs a name and its prefix', async () => {
  const socket = await open();
  expect(await socket.join('realtime:')).toEqual(refused('TopicNameRequired: You must provide a topic name'));
  expect(await socket.join('elsewhere')).toEqual(refused('unmatched topic'));
});

test('[RTC5] a private topic is for whom its policies let read', async () => {
  const socket = await open();
  const token = await signToken(stack.jwtSecret, {
    rooms: { lobby: ['hear'], stage: ['see'], attic: ['speak'] },
  });
  expect(await socket.join('realtime:lobby', privately(token))).toEqual(ok);
  expect(await socket.join('realtime:of:00000000-0000-4000-8000-000000000001', privately(token))).toEqual(ok);
  expect(await socket.join('realtime:cellar', privately(token))).toEqual(unauthorized('cellar'));
  expect(await socket.join('realtime:attic', privately(token))).toEqual(unauthorized('attic'));
  // Seen only where presence is enabled: it is not asked otherwise.
  expect(await socket.join('realtime:stage', privately(token))).toEqual(unauthorized('stage'));
  const enabled = privately(token, { presence: { enabled: true } });
  expect(await socket.join('realtime:stage', enabled)).toEqual(ok);
});

test('[RTC6] without a token of its own a channel has that of its socket; opaque keys count as none', async () => {
  const anonymous = await open();
  expect(await anonymous.join('realtime:lobby', privately())).toEqual(unauthorized('lobby'));
  expect(await anonymous.join('realtime:lobby', privately(stack.secretKey))).toEqual(unauthorized('lobby'));
  const service = await open({}, stack.secretKey);
  expect(await service.join('realtime:lobby', privately())).toEqual(ok);
  const person = await open({}, await signToken(stack.jwtSecret, { rooms: { lobby: ['hear'] } }));
  expect(await person.join('realtime:lobby', privately(stack.publishableKey))).toEqual(ok);
});

test('[RTC7] a token that is no good is refused by name', async () => {
  const socket = await open();
  const join = (token: string) => socket.join('realtime:lobby', privately(token));
  const past = Math.floor(Date.now() / 1000) - 100;
  const reason = JSON.stringify(await join(await signToken(stack.jwtSecret, {}, past)));
  expect(reason).toMatch(/InvalidJWTToken: Token has expired 10\d seconds ago/);
  const other = await signToken('another secret, which is not the one of this stack');
  expect(await join(other)).toEqual(refused('JwtSignatureError: Failed to validate JWT signature'));
  expect(await join('nonsense')).toEqual(refused('MalformedJWT: The token provided is not a valid JWT'));
  const roleless = await signToken(stack.jwtSecret, { role: undefined });
  expect(await join(roleless)).toEqual(
    refused('InvalidJWTToken: Fields `role` and `exp` are required in JWT'),
  );
  const unknownRole = await signToken(stack.jwtSecret, { role: 'nobody' });
  expect(await join(unknownRole)).toEqual(unauthorized('lobby'));
});

test('[RTC8] a policy that fails lets nobody in, and leaves the others as they are', async () => {
  const socket = await open();
  const token = await signToken(stack.jwtSecret, { rooms: { lobby: ['hear'] } });
  expect(await socket.join('realtime:failing', privately(token))).toEqual(unauthorized('failing'));
  expect(await socket.join('realtime:lobby', privately(token))).toEqual(ok);
});

test('[RTC9] policies see the headers that a socket was opened with, those beginning with x-', async () => {
  const token = await signToken(stack.jwtSecret);
  const [with_, without] = [await open({ headers: { 'x-room': 'open' } }), await open()];
  expect(await with_.join('realtime:by-header', privately(token))).toEqual(ok);
  expect(await without.join('realtime:by-header', privately(token))).toEqual(unauthorized('by-header'));
});

test('[RTC10] asking policies leaves nothing behind: no row, no role, no setting', async () => {
  const socket = await open();
  const token = await signToken(stack.jwtSecret, { rooms: { lobby: ['hear'] } });
  const [before] = await stack.admin`select count(*) from realtime.messages`;
  await socket.join('realtime:lobby', privately(token));
  const [after] = await stack.admin`select count(*) from realtime.messages`;
  expect(after).toEqual(before);
  const [state] = await stack.admin.begin(async (tx) => {
    await tx`select realtime.authorize('authenticated', 'x', '{}', null, '{}', '{broadcast}', '{broadcast}')`;
    return tx`select current_user as role, realtime.topic(), current_setting('request.jwt.claims', true) as claims`;
  });
  expect(state).toEqual({ role: 'supabase_admin', topic: null, claims: '' });
});

test.for(['anon', 'authenticated', 'service_role', 'postgres'])(
  '[RTC11] only the server asks policies for others, not %s',
  async (role) => {
    const attempt = stack.admin.begin(async (tx) => {
      await tx.unsafe(`set local role ${role}`);
      await tx`select realtime.authorize('authenticated', 'x', '{}', null, '{}', '{broadcast}', '{}')`;
    });
    await expect(attempt).rejects.toThrow(/permission denied for function authorize/);
  },
);

test('[RTC12] leaving is answered and closes the channel; what was not joined can be left, and not spoken to', async () => {
  const socket = await open();
  await socket.join('realtime:a', {}, '3');
  socket.send(['3', '4', 'realtime:a', 'phx_leave', {}]);
  const left = { status: 'ok', response: {} };
  expect(await socket.next()).toEqual(['3', '4', 'realtime:a', 'phx_reply', left]);
  expect(await socket.next()).toEqual(['3', '3', 'realtime:a', 'phx_close', {}]);
  socket.send([null, '5', 'realtime:a', 'phx_leave', {}]);
  expect(await socket.next()).toEqual([null, '5', 'realtime:a', 'phx_reply', left]);
  socket.send(['3', '6', 'realtime:a', 'broadcast', { type: 'broadcast', event: 'e', payload: {} }]);
  expect(await socket.next()).toEqual([null, '6', 'realtime:a', 'phx_reply', refused('unmatched topic')]);
});

test('[RTC13] a second join of a topic closes the first; what still comes for that one is ignored', async () => {
  const [socket, other] = [await open(), await open()];
  await other.join('realtime:b');
  await socket.join('realtime:b', {}, '1');
  socket.send(['2', '2', 'realtime:b', 'phx_join', { config: { broadcast: { ack: true } } }]);
  expect(await socket.next()).toEqual(['1', '1', 'realtime:b', 'phx_close', {}]);
  expect(await socket.next()).toEqual(['2', '2', 'realtime:b', 'phx_reply', ok]);
  const speak = (joinRef: string | null, ref: string) =>
    socket.send([joinRef, ref, 'realtime:b', 'broadcast', { type: 'broadcast', event: 'e', payload: {} }]);
  speak('1', '3');
  expect(await socket.heard()).toEqual([]);
  expect(await other.heard()).toEqual([]);
  speak(null, '4');
  expect(await socket.next()).toEqual(['2', '4', 'realtime:b', 'phx_reply', { status: 'ok', response: {} }]);
});

test('[RTC14] what cannot be read is dropped, and the socket stays', async () => {
  const socket = await open();
  await socket.join('realtime:c');
  const frames = ['no json', '{"topic":"realtime:c"}', '[1,2]', '[null,null,7,"x",{}]', '""', 'null', ''];
  for (const frame of frames) socket.send(frame);
  const bytes = ['', '02', '03', '0300000000000', '030101ff02000136', '03010101010001', '0301010a020001'];
  for (const frame of bytes) socket.send(Buffer.from(frame, 'hex'));
  expect(await socket.heard()).toEqual([]);
});

test('[RTC15] Postgres Changes are refused by name', async () => {
  const socket = await open();
  const config = { postgres_changes: [{ event: '*', schema: 'public', table: 'notes' }] };
  expect(await socket.join('realtime:d', { config })).toEqual(
    refused(
      'RealtimeDisabledForConfiguration: Postgres Changes are not available here: broadcast from the database instead',
    ),
  );
});

test('[RTC16] values that are no good count as not given, and "true" as true', async () => {
  const socket = await open();
  const config = { broadcast: { ack: 'true', self: 7 }, presence: 'yes', private: 'false' };
  expect(await socket.join('realtime:e', { config })).toEqual(ok);
  socket.send(['1', '2', 'realtime:e', 'broadcast', { type: 'broadcast', event: 'e', payload: {} }]);
  expect(await socket.next()).toEqual(['1', '2', 'realtime:e', 'phx_reply', { status: 'ok', response: {} }]);
});

test('[RTC17] the client gets into a private channel with its session, and says why it is refused', async () => {
  const client = createClient(stack.url, stack.publishableKey, { auth: { persistSession: false } });
  const { data } = await client.auth.signUp({ email: 'rtc17@example.com', password: 'a password' });
  await client.realtime.setAuth();
  const joined = (topic: string) =>
    new Promise<unknown[]>((resolve) =>
      client
        .channel(topic, { config: { private: true } })
        .subscribe((status, error) => resolve([status, error?.message])),
    );
  expect(await joined(`of:${data.user?.id}`)).toEqual(['SUBSCRIBED', undefined]);
  const message = 'Unauthorized: You do not have permissions to read from this Channel topic: of:someone';
  expect(await joined('of:someone')).toEqual(['CHANNEL_ERROR', message]);
  await client.removeAllChannels();
});
