import type { ChannelState } from './channel-state.ts';
import { isObject, type TextFrame } from './decode-frame.ts';
import { DatabaseRefusal } from './realtime-database.ts';

/** `track` shows its sender to the room, `untrack` takes that back; hosted Realtime closes who does it too often. */
export async function receivePresence(state: ChannelState, { ref, payload }: TextFrame): Promise<void> {
  const { context, config, permissions, room, member, reply, shutDown } = state;
  const { event, payload: shown = {} } = isObject(payload) ? payload : {};
  if (!takeCall(state)) return shutDown('Client presence rate limit exceeded');
  if (!context.presence.take()) return shutDown('Too many presence messages per second');
  const verb = typeof event === 'string' ? event.toLowerCase() : '';
  if (verb === 'untrack') {
    reply(ref, 'ok');
    return room.showDiff(room.presences.untrack(member));
  }
  if (verb !== 'track') return reply(ref, 'error');
  if (!isObject(shown)) return reply(ref, 'error', { reason: 'Presence track payload must be a map' });
  if (Buffer.byteLength(JSON.stringify(shown)) > context.limits.payloadBytes)
    return shutDown('Track message size exceeded');
  try {
    if (!(await permissions.askWrite('presence'))) return reply(ref, 'error');
    if (!state.isPresenceShown) await enablePresence(state);
  } catch (error) {
    if (!(error instanceof DatabaseRefusal)) throw error;
    context.log('UnableToTrackPresence', error.cause);
    return reply(ref, 'error');
  }
  if (!state.isOpen()) return;
  reply(ref, 'ok');
  room.showDiff(room.presences.track(member, config.presenceKey, shown));
}

/** Who is there; comes before any change, which clients would hold back otherwise. */
export function showPresence({ room, member, push }: ChannelState): void {
  if (member.hears.presence) push('presence_state', room.presences.state());
}

/** Who tracks wants to see the others too, though it did not say so when it joined. */
async function enablePresence(state: ChannelState): Promise<void> {
  const { permissions, member } = state;
  if (permissions.reads('presence') === undefined) await permissions.askRead(['presence']);
  if (!state.isOpen()) return;
  state.isPresenceShown = true;
  member.hears.presence = permissions.reads('presence') === true;
  showPresence(state);
}

function takeCall({ presenceCalls, context }: ChannelState): boolean {
  const { presenceCalls: most, presenceWindowMs } = context.limits;
  if (Date.now() - presenceCalls.startedAt > presenceWindowMs) {
    presenceCalls.startedAt = Date.now();
    presenceCalls.count = 0;
  }
  presenceCalls.count += 1;
  return presenceCalls.count <= most;
}
