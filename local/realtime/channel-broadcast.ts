import type { ChannelState } from './channel-state.ts';
import { isObject, type Frame } from './decode-frame.ts';
import { encodeBroadcast, encodePush, type Outgoing } from './encode-frame.ts';
import { DatabaseRefusal } from './realtime-database.ts';
import { wireTopic } from './rooms.ts';

/** Passes it on to everyone in the room, if its sender may; unless a policy has to be asked, at once. */
export function receiveBroadcast(state: ChannelState, frame: Frame): Promise<void> | undefined {
  const { context, permissions } = state;
  const wire = wireTopic(state.topic);
  const outgoing =
    frame.kind === 'broadcast'
      ? encodeBroadcast({ topic: wire, event: frame.event, isJson: frame.isJson, payload: frame.payload })
      : encodePush(wire, 'broadcast', frame.payload);
  const bytes = frame.kind === 'broadcast' ? frame.payload.length : (outgoing('v2')?.data.length ?? 0);
  if (bytes > context.limits.payloadBytes) {
    refuse(state, frame, 'payload_size_exceeded');
    return undefined;
  }
  const isPersisted = frame.kind === 'broadcast' && isWanted(frame.meta['persist']);
  if (isPersisted || permissions.writes('broadcast') === undefined)
    return relayWhenAllowed(state, frame, outgoing, isPersisted);
  if (permissions.writes('broadcast') === true) relay(state, frame, outgoing);
  else refuse(state, frame, 'unauthorized');
  return undefined;
}

async function relayWhenAllowed(
  state: ChannelState,
  frame: Frame,
  outgoing: Outgoing,
  isPersisted: boolean,
): Promise<void> {
  const { permissions, context, topic } = state;
  try {
    const isAllowed = await permissions.askWrite('broadcast');
    if (!isAllowed || (isPersisted && !(await permissions.askWrite('persistence'))))
      return refuse(state, frame, 'unauthorized');
    if (!isPersisted || frame.kind === 'text') return relay(state, frame, outgoing);
    const ttlSeconds = persistSeconds(frame.meta['persist']);
    if (ttlSeconds === undefined) return refuse(state, frame, 'invalid_persist_ttl');
    if (!state.isOpen()) return;
    const { event, isJson, payload } = frame;
    const id = await context.database.persist({ topic, event, isJson, payload, ttlSeconds });
    relay(state, frame, encodeBroadcast({ topic: wireTopic(topic), event, isJson, payload, meta: { id } }), {
      id,
    });
  } catch (error) {
    if (!(error instanceof DatabaseRefusal)) throw error;
    context.log(error.code, error.cause);
    refuse(state, frame, error.code.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase());
  }
}

function relay(state: ChannelState, frame: Frame, outgoing: Outgoing, answer?: { id: string }): void {
  const { context, config, member, room, reply } = state;
  if (!state.isOpen()) return;
  if (!context.messages.take()) return state.shutDown('Too many messages per second');
  room.broadcast(outgoing, config.self ? undefined : member);
  if (config.ack) reply(frame.ref, 'ok', answer);
}

/** Only who asked for acknowledgements hears of it. */
function refuse({ config, reply }: ChannelState, frame: Frame, error: string): void {
  if (config.ack) reply(frame.ref, 'error', { error });
}

function isWanted(persist: unknown): boolean {
  return persist !== undefined && persist !== null && persist !== false;
}

/** `true`, `{}` or `{ ttl: seconds }`: up to the 72 hours for which messages are kept. */
export function persistSeconds(persist: unknown): number | undefined {
  const ttl = isObject(persist)
    ? (persist['ttl'] ?? LONGEST_SECONDS)
    : persist === true
      ? LONGEST_SECONDS
      : 0;
  const isValid = typeof ttl === 'number' && Number.isInteger(ttl) && ttl >= 1 && ttl <= LONGEST_SECONDS;
  return isValid ? ttl : undefined;
}

const LONGEST_SECONDS = 259_200;
