import { expect, test } from 'vitest';
import { decodeFrame } from './decode-frame.ts';
import { encodeBroadcast, encodePush, encodeReply, type Outgoing } from './encode-frame.ts';

/** Frames of `@supabase/realtime-js` 2.119.1, as they came over the wire. */
const captured = {
  join: '["6","6","realtime:room:1","phx_join",{"config":{"broadcast":{"self":true,"ack":true},"presence":{"key":"alice","enabled":true},"postgres_changes":[],"private":false}}]',
  track: '["6","7","realtime:room:1","presence",{"type":"presence","event":"track","payload":{"x":1}}]',
  heartbeat: '[null,"7","phoenix","heartbeat",{}]',
  leaveOfWhatWasNotJoined: '[null,"21","realtime:other","phx_leave",{}]',
  joinOfTheFirstVersion:
    '{"topic":"realtime:p","event":"phx_join","payload":{"config":{"private":false}},"ref":"6","join_ref":"6"}',
};
const decode = (text: string, version: 'v1' | 'v2' = 'v2') => decodeFrame(Buffer.from(text), false, version);
const decodeBytes = (text: string) => decodeFrame(Buffer.from(text, 'latin1'), true, 'v2');

test('[RTF1] text frames of the client are read', () => {
  const room = { kind: 'text', joinRef: '6', topic: 'realtime:room:1' };
  expect(decode(captured.join)).toMatchObject({ ...room, ref: '6', event: 'phx_join' });
  const payload = { type: 'presence', event: 'track', payload: { x: 1 } };
  expect(decode(captured.track)).toEqual({ ...room, ref: '7', event: 'presence', payload });
  const beat = { kind: 'text', joinRef: null, ref: '7', topic: 'phoenix', event: 'heartbeat', payload: {} };
  expect(decode(captured.heartbeat)).toEqual(beat);
  expect(decode(captured.leaveOfWhatWasNotJoined)).toMatchObject({ joinRef: null, ref: '21' });
  expect(decode(captured.joinOfTheFirstVersion, 'v1')).toEqual({
    kind: 'text',
    joinRef: '6',
    ref: '6',
    topic: 'realtime:p',
    event: 'phx_join',
    payload: { config: { private: false } },
  });
});

test('[RTF2] its broadcasts in bytes are read', () => {
  const frame = { kind: 'broadcast', joinRef: '6', topic: 'realtime:room:1', event: 'hi', meta: {} };
  expect(decodeBytes('\x03\x01\x01\x0f\x02\x00\x0168realtime:room:1hi{"n":1}')).toEqual({
    ...frame,
    ref: '8',
    isJson: true,
    payload: Buffer.from('{"n":1}'),
  });
  expect(decodeBytes('\x03\x01\x01\x0f\x02\x00\x0069realtime:room:1hi\x01\x02\x03')).toEqual({
    ...frame,
    ref: '9',
    isJson: false,
    payload: Buffer.from([1, 2, 3]),
  });
  expect(decodeBytes('\x03\x01\x01\x0a\x01\x16\x0167realtime:pe{"persist":{"ttl":60}}{"a":1}')).toMatchObject(
    {
      meta: { persist: { ttl: 60 } },
      payload: Buffer.from('{"a":1}'),
    },
  );
});

test('[RTF3] a version does not read what the other writes', () => {
  expect(decode(captured.join, 'v1')).toBeUndefined();
  expect(decode(captured.joinOfTheFirstVersion)).toBeUndefined();
});

test('[RTF4] a length that reaches past the end, another kind, another encoding are no frames', () => {
  const good = '\x03\x01\x01\x0f\x02\x00\x0168realtime:room:1hi{}';
  expect(decodeBytes(good)).toBeDefined();
  for (const [place, byte] of [
    [0, 2],
    [3, 200],
    [5, 200],
    [6, 2],
  ] as const) {
    const bytes = Buffer.from(good, 'latin1');
    bytes[place] = byte;
    expect(decodeFrame(bytes, true, 'v2')).toBeUndefined();
  }
  for (let length = 0; length < good.length; length++)
    expect(decodeFrame(Buffer.from(good, 'latin1').subarray(0, length), true, 'v2')).toBeUndefined();
});

const shown = (outgoing: Outgoing, version: 'v1' | 'v2') => outgoing(version)?.data.toString('latin1');

test('[RTF5] the server writes what the client was seen to accept', () => {
  const refs = { joinRef: '6', ref: '6' };
  expect(shown(encodeReply('realtime:room:1', refs, 'ok', { postgres_changes: [] }), 'v2')).toBe(
    '["6","6","realtime:room:1","phx_reply",{"status":"ok","response":{"postgres_changes":[]}}]',
  );
  expect(shown(encodeReply('phoenix', { joinRef: null, ref: '7' }, 'ok'), 'v2')).toBe(
    '[null,"7","phoenix","phx_reply",{"status":"ok","response":{}}]',
  );
  expect(shown(encodePush('realtime:p', 'phx_close', {}, refs), 'v1')).toBe(
    '{"topic":"realtime:p","event":"phx_close","ref":"6","payload":{}}',
  );
  const broadcast = { topic: 'realtime:room:1', event: 'hi', isJson: true, payload: Buffer.from('{"n":1}') };
  expect(shown(encodeBroadcast(broadcast), 'v2')).toBe('\x04\x0f\x02\x00\x01realtime:room:1hi{"n":1}');
  expect(shown(encodeBroadcast({ ...broadcast, meta: { id: 'uuid-1' } }), 'v2')).toBe(
    '\x04\x0f\x02\x0f\x01realtime:room:1hi{"id":"uuid-1"}{"n":1}',
  );
  expect(shown(encodeBroadcast({ ...broadcast, isJson: false, payload: Buffer.from([1, 2]) }), 'v2')).toBe(
    '\x04\x0f\x02\x00\x00realtime:room:1hi\x01\x02',
  );
});

test('[RTF6] a message is encoded once for all who get it', () => {
  const outgoing = encodePush('realtime:p', 'e', { n: 1 });
  expect(outgoing('v2')).toBe(outgoing('v2'));
  expect(outgoing('v1')).toBe(outgoing('v1'));
});
