/** `1.0.0` writes objects and no binary frames, `2.0.0` arrays and, for broadcasts, bytes. */
export type Version = 'v1' | 'v2';

type Addressed = { joinRef: string | null; ref: string | null; topic: string };
export type TextFrame = Addressed & { kind: 'text'; event: string; payload: unknown };
/** A broadcast whose payload is passed on as it is; where it is JSON it has been checked to be. */
export type BroadcastFrame = Addressed & {
  kind: 'broadcast';
  event: string;
  isJson: boolean;
  payload: Buffer;
  meta: Record<string, unknown>;
};
export type Frame = TextFrame | BroadcastFrame;

/** What a client sent; undefined where it is none of the forms that there are. */
export function decodeFrame(data: Buffer, isBinary: boolean, version: Version): Frame | undefined {
  if (isBinary) return version === 'v2' ? decodeBroadcast(data) : undefined;
  const message = parseJson(data);
  if (version === 'v1') return isObject(message) ? textFrame(fieldsOf(message)) : undefined;
  return Array.isArray(message) && message.length === 5 ? textFrame(message) : undefined;
}

function fieldsOf(message: Record<string, unknown>): unknown[] {
  return ['join_ref', 'ref', 'topic', 'event', 'payload'].map((name) => message[name]);
}

function textFrame([joinRef, ref, topic, event, payload]: unknown[]): TextFrame | undefined {
  if (typeof topic !== 'string' || typeof event !== 'string') return undefined;
  return { kind: 'text', joinRef: refOf(joinRef), ref: refOf(ref), topic, event, payload };
}

/** References are strings, though some clients count in numbers. */
function refOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

/**
 * `3 | lengths of joinRef, ref, topic, event, meta | encoding | joinRef | ref | topic | event | meta | payload`,
 * lengths in bytes; encoding 0 are bytes, 1 is JSON.
 */
function decodeBroadcast(data: Buffer): BroadcastFrame | undefined {
  const [kind, ...lengths] = data.subarray(0, 6);
  const encoding = data[6];
  if (kind !== BROADCAST_PUSH || (encoding !== 0 && encoding !== 1)) return undefined;
  let end = 7;
  const take = (length: number): string => data.toString('utf8', end, (end += length));
  const [joinRef = '', ref = '', topic = '', event = '', meta = ''] = lengths.map(take);
  if (end > data.length) return undefined;
  const parsedMeta = meta === '' ? {} : parseJson(meta);
  const payload = data.subarray(end);
  // It is shown to others, whose clients fail on what is no JSON.
  if (!isObject(parsedMeta) || (encoding === 1 && parseJson(payload) === undefined)) return undefined;
  return {
    kind: 'broadcast',
    joinRef: joinRef === '' ? null : joinRef,
    ref: ref === '' ? null : ref,
    topic,
    event,
    isJson: encoding === 1,
    payload,
    meta: parsedMeta,
  };
}

function parseJson(text: Buffer | string): unknown {
  try {
    return JSON.parse(text.toString());
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const BROADCAST_PUSH = 3;
