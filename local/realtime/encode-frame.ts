import type { Version } from './decode-frame.ts';

/** A message on its way out. It is encoded once, for all who get it; undefined where a version cannot carry it. */
export type Outgoing = (version: Version) => Encoded | undefined;
export type Encoded = { data: Buffer; isBinary: boolean };

export type Refs = { joinRef: string | null; ref: string | null };
const NO_REFS: Refs = { joinRef: null, ref: null };

export function encodePush(topic: string, event: string, payload: unknown, refs: Refs = NO_REFS): Outgoing {
  return encodeRaw(topic, event, payload === undefined ? '{}' : JSON.stringify(payload), refs);
}

export function encodeReply(
  topic: string,
  refs: Refs,
  status: 'ok' | 'error',
  response: Record<string, unknown> = {},
): Outgoing {
  return encodePush(topic, 'phx_reply', { status, response }, refs);
}

export type Broadcast = {
  topic: string;
  event: string;
  isJson: boolean;
  payload: Buffer;
  meta?: Record<string, unknown>;
};

/**
 * `4 | lengths of topic, event, meta | encoding | topic | event | meta | payload`; as text for the first version, and
 * where a name is too long for a byte to say.
 */
export function encodeBroadcast(broadcast: Broadcast): Outgoing {
  const { topic, isJson } = broadcast;
  const asText = once(() => (isJson ? encodeRaw(topic, 'broadcast', textOf(broadcast), NO_REFS) : undefined));
  const asBytes = once(() => bytesOf(broadcast));
  return (version) => (version === 'v2' ? asBytes() : undefined) ?? asText()?.(version);
}

/** The payload is JSON text already, and stays as it is. */
function encodeRaw(topic: string, event: string, payload: string, { joinRef, ref }: Refs): Outgoing {
  const encode = {
    v1: once(() => {
      const fields = { topic, event, ref };
      return text(`${JSON.stringify(fields).slice(0, -1)},"payload":${payload}}`);
    }),
    v2: once(() => text(`${JSON.stringify([joinRef, ref, topic, event]).slice(0, -1)},${payload}]`)),
  };
  return (version) => encode[version]();
}

function text(message: string): Encoded {
  return { data: Buffer.from(message), isBinary: false };
}

function textOf({ event, payload, meta }: Broadcast): string {
  const suffix = meta === undefined ? '' : `,"meta":${JSON.stringify(meta)}`;
  return `{"type":"broadcast","event":${JSON.stringify(event)},"payload":${payload.toString()}${suffix}}`;
}

function bytesOf({ topic, event, isJson, payload, meta }: Broadcast): Encoded | undefined {
  const names = [topic, event, meta === undefined ? '' : JSON.stringify(meta)].map((name) =>
    Buffer.from(name),
  );
  const lengths = names.map((name) => name.length);
  if (lengths.some((length) => length > 255)) return undefined;
  const head = Buffer.from([USER_BROADCAST, ...lengths, isJson ? 1 : 0]);
  return { data: Buffer.concat([head, ...names, payload]), isBinary: true };
}

function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}

const USER_BROADCAST = 4;
