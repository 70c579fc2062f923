import type { Version } from './decode-frame.ts';
import type { Outgoing } from './encode-frame.ts';
import type { JoinConfig } from './join-config.ts';
import type { Permissions } from './permissions.ts';
import type { RealtimeContext } from './realtime-context.ts';
import type { Member, Room } from './rooms.ts';

/** What the parts of a channel share. */
export type ChannelState = {
  context: RealtimeContext;
  socket: SocketSide;
  /** As policies see it, without its prefix. */
  topic: string;
  joinRef: string | null;
  config: JoinConfig;
  permissions: Permissions;
  member: Member;
  room: Room;
  presenceCalls: PresenceCalls;
  isPresenceShown: boolean;
  reply: (ref: string | null, status: 'ok' | 'error', response?: Record<string, unknown>) => void;
  push: (event: string, payload: unknown) => void;
  /** Closes it and says why; its client does not join again by itself. */
  shutDown: (message: string) => void;
  isOpen: () => boolean;
};

export type SocketSide = {
  version: Version;
  /** Those that policies see. */
  headers: Record<string, unknown>;
  send: (message: Outgoing) => void;
};

/** How often a channel has tracked since when. */
export type PresenceCalls = { startedAt: number; count: number };
