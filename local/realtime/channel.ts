import { receiveBroadcast } from './channel-broadcast.ts';
import { receivePresence, showPresence } from './channel-presence.ts';
import type { ChannelState, SocketSide } from './channel-state.ts';
import type { Frame } from './decode-frame.ts';
import { encodePush, encodeReply, type Outgoing } from './encode-frame.ts';
import { hearing } from './permissions.ts';
import { wireTopic, type Member } from './rooms.ts';
import type { Claims } from './verify-token.ts';
import { watchToken } from './watch-token.ts';

/** A topic that a socket has joined. */
export type Channel = {
  joinRef: string | null;
  /** Undefined where it was done at once. */
  receive: (frame: Frame) => Promise<void> | undefined;
  /** Who is present, where its client asked for that. */
  showPresence: () => void;
  /** Lets through what was held back while it joined, but for what has been shown already. */
  begin: (shownIds: ReadonlySet<string>) => void;
  push: (event: string, payload: unknown) => void;
  /** Takes it out of its room, and tells its client so. */
  close: () => void;
  /** Takes it out of its room, for a client that is gone. */
  leave: () => void;
};

export type ChannelOptions = Pick<
  ChannelState,
  'context' | 'socket' | 'topic' | 'joinRef' | 'config' | 'permissions'
> & { token: string; claims: Claims; onLeave: () => void };

/** Enters the room. Until `begin`, what it is sent waits. */
export function openChannel(options: ChannelOptions): Channel {
  const { context, socket, topic, joinRef, config, permissions } = options;
  const wire = wireTopic(topic);
  const hold = holdBack(socket);
  const member: Member = {
    version: socket.version,
    hears: hearing(permissions),
    send: hold.send,
    sendStored: hold.sendStored,
  };
  const room = context.rooms.enter(topic, config.isPrivate, member);
  let isOpen = true;

  const push = (event: string, payload: unknown): void =>
    socket.send(encodePush(wire, event, payload, { joinRef, ref: null }));
  const leave = (): void => {
    if (!isOpen) return;
    isOpen = false;
    watch.stop();
    room.leave(member);
    options.onLeave();
  };
  const close = (): void => {
    leave();
    socket.send(encodePush(wire, 'phx_close', {}, { joinRef, ref: joinRef }));
  };
  const shutDown = (message: string): void => {
    if (!isOpen) return;
    context.log('ChannelShutdown', `${topic}: ${message}`);
    push('system', { extension: 'system', status: 'error', message, channel: topic });
    close();
  };
  const state: ChannelState = {
    context,
    socket,
    topic,
    joinRef,
    config,
    permissions,
    member,
    room,
    push,
    shutDown,
    presenceCalls: { startedAt: 0, count: 0 },
    isPresenceShown: config.isPresenceEnabled,
    reply: (ref, status, response) => socket.send(encodeReply(wire, { joinRef, ref }, status, response)),
    isOpen: () => isOpen,
  };
  const watch = watchToken(state, options);
  return {
    joinRef,
    push,
    close,
    leave,
    showPresence: () => {
      if (config.isPresenceEnabled) showPresence(state);
    },
    begin: (shownIds) => {
      hold.begin(shownIds);
      watch.start();
    },
    receive: (frame) => {
      if (frame.kind === 'broadcast' || frame.event === 'broadcast') return receiveBroadcast(state, frame);
      if (frame.event === 'presence') return receivePresence(state, frame);
      if (frame.event === 'access_token') return watch.renew(frame.payload);
      return undefined;
    },
  };
}

/** Keeps what comes before the answer to a join has left. */
function holdBack(socket: SocketSide) {
  let held: { id?: string; message: Outgoing }[] | undefined = [];
  let shown: ReadonlySet<string> = new Set();
  const sendStored = (id: string, message: Outgoing): void => {
    if (held !== undefined) held.push({ id, message });
    else if (!shown.has(id)) socket.send(message);
  };
  return {
    send: (message: Outgoing): void => {
      if (held !== undefined) held.push({ message });
      else socket.send(message);
    },
    sendStored,
    begin: (shownIds: ReadonlySet<string>): void => {
      const waiting = held ?? [];
      held = undefined;
      shown = shownIds;
      for (const { id, message } of waiting) {
        if (id === undefined) socket.send(message);
        else sendStored(id, message);
      }
    },
  };
}
