import { once } from 'node:events';
import { WebSocket } from 'ws';

/** `[join_ref, ref, topic, event, payload]`, an object of the first version, or a broadcast in bytes. */
export type ServerFrame = unknown;

/** A socket without a client library: frames as they are on the wire, in their order. */
export type RealtimeSocket = {
  /** Arrays and objects become JSON text. */
  send: (frame: unknown) => void;
  /** The next frame, as JSON; one in bytes as `{ topic, event, encoding, meta, payload }`. */
  next: () => Promise<ServerFrame>;
  /** Joins and answers what the reply says. */
  join: (topic: string, payload?: object, ref?: string) => Promise<ServerFrame>;
  /** All that came until a heartbeat was answered, which is everything the server had sent by then. */
  heard: () => Promise<ServerFrame[]>;
  closed: Promise<number>;
  ws: WebSocket;
};

export type SocketOptions = { vsn?: string; headers?: Record<string, string> };

export async function openRealtimeSocket(
  url: string,
  key: string,
  { vsn = '2.0.0', headers = {} }: SocketOptions = {},
): Promise<RealtimeSocket> {
  const address = `${url.replace(/^http/, 'ws')}/realtime/v1/websocket?apikey=${key}&vsn=${vsn}`;
  const ws = new WebSocket(address, { headers });
  const received: ServerFrame[] = [];
  const waiting: ((frame: ServerFrame) => void)[] = [];
  ws.on('message', (data, isBinary) => {
    const frame = decode(Buffer.isBuffer(data) ? data : Buffer.alloc(0), isBinary);
    const next = waiting.shift();
    if (next) next(frame);
    else received.push(frame);
  });
  const closed = new Promise<number>((resolve) => ws.once('close', resolve));
  await once(ws, 'open');
  let beats = 0;
  const send = (frame: unknown): void =>
    ws.send(Buffer.isBuffer(frame) || typeof frame === 'string' ? frame : JSON.stringify(frame));
  const next = (): Promise<ServerFrame> => {
    if (received.length > 0) return Promise.resolve(received.shift());
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('No frame came within 10 s.')), 10_000);
      waiting.push((frame) => {
        clearTimeout(late);
        resolve(frame);
      });
    });
  };
  return {
    ws,
    closed,
    send,
    next,
    join: async (topic, payload = {}, ref = '1') => {
      send([ref, ref, topic, 'phx_join', payload]);
      const reply = await next();
      return Array.isArray(reply) ? reply[4] : reply;
    },
    heard: async () => {
      const ref = `beat-${++beats}`;
      send(
        vsn === '2.0.0'
          ? [null, ref, 'phoenix', 'heartbeat', {}]
          : { topic: 'phoenix', event: 'heartbeat', payload: {}, ref },
      );
      const frames: ServerFrame[] = [];
      for (let frame = await next(); !JSON.stringify(frame).includes(ref); frame = await next())
        frames.push(frame);
      return frames;
    },
  };
}

/** A broadcast in bytes, as `@supabase/realtime-js` sends all of its broadcasts. */
export function broadcastPush(fields: {
  joinRef: string;
  ref: string;
  topic: string;
  event: string;
  meta?: string;
  payload: object | Buffer;
}): Buffer {
  const { joinRef, ref, topic, event, meta = '', payload } = fields;
  const names = [joinRef, ref, topic, event, meta].map((name) => Buffer.from(name));
  const isBytes = Buffer.isBuffer(payload);
  const head = Buffer.from([3, ...names.map((name) => name.length), isBytes ? 0 : 1]);
  return Buffer.concat([head, ...names, isBytes ? payload : Buffer.from(JSON.stringify(payload))]);
}

function decode(data: Buffer, isBinary: boolean): ServerFrame {
  if (!isBinary) return JSON.parse(data.toString());
  const [kind, topicLength = 0, eventLength = 0, metaLength = 0, encoding] = data.subarray(0, 5);
  let end = 5;
  const take = (length: number): string => data.toString('utf8', end, (end += length));
  const [topic, event, meta] = [take(topicLength), take(eventLength), take(metaLength)];
  const payload = data.subarray(end);
  return {
    kind,
    topic,
    event,
    meta: meta === '' ? undefined : JSON.parse(meta),
    payload: encoding === 1 ? JSON.parse(payload.toString()) : payload.toString('hex'),
  };
}
