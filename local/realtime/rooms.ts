import type { Version } from './decode-frame.ts';
import { encodeBroadcast, encodePush, type Outgoing } from './encode-frame.ts';
import { createPresences, type PresenceDiff, type Presences } from './presences.ts';
import type { StoredMessage } from './realtime-database.ts';

/** A channel as its room sees it. */
export type Member = {
  version: Version;
  /** Whether the policies let it; on a public topic everyone hears all. */
  hears: { broadcast: boolean; presence: boolean };
  send: (message: Outgoing) => void;
  /** What the database sent, which may have been shown to it already. */
  sendStored: (id: string, message: Outgoing) => void;
};

export type Room = {
  members: ReadonlySet<Member>;
  presences: Presences<Member>;
  broadcast: (message: Outgoing, except?: Member) => void;
  showDiff: (diff: PresenceDiff | undefined) => void;
  leave: (member: Member) => void;
};

export type Rooms = {
  /** Public and private topics of one name are two rooms. */
  enter: (topic: string, isPrivate: boolean, member: Member) => Room;
  find: (topic: string, isPrivate: boolean) => Room | undefined;
  deliver: (message: StoredMessage) => void;
};

/** Topics without their prefix, and who is in. A room is there as long as someone is. */
export function createRooms(): Rooms {
  const rooms = { public: new Map<string, OpenRoom>(), private: new Map<string, OpenRoom>() };
  const side = (isPrivate: boolean): Map<string, OpenRoom> => rooms[isPrivate ? 'private' : 'public'];
  const find = (topic: string, isPrivate: boolean): OpenRoom | undefined => side(isPrivate).get(topic);
  return {
    enter: (topic, isPrivate, member) => {
      const room = find(topic, isPrivate) ?? openRoom(topic, () => void side(isPrivate).delete(topic));
      side(isPrivate).set(topic, room);
      room.members.add(member);
      return room;
    },
    find,
    deliver: ({ id, topic, isPrivate, ...message }) => {
      const room = find(topic, isPrivate);
      if (room === undefined) return;
      const outgoing = encodeBroadcast({ ...message, topic: wireTopic(topic), meta: { id } });
      for (const member of room.members) if (member.hears.broadcast) member.sendStored(id, outgoing);
    },
  };
}

export function wireTopic(topic: string): string {
  return `${TOPIC_PREFIX}${topic}`;
}

export const TOPIC_PREFIX = 'realtime:';

type OpenRoom = Room & { members: Set<Member> };

function openRoom(topic: string, onEmpty: () => void): OpenRoom {
  const members = new Set<Member>();
  const presences = createPresences<Member>();
  const showDiff = (diff: PresenceDiff | undefined): void => {
    if (diff === undefined) return;
    const outgoing = encodePush(wireTopic(topic), 'presence_diff', diff);
    for (const member of members) if (member.hears.presence) member.send(outgoing);
  };
  return {
    members,
    presences,
    showDiff,
    broadcast: (message, except) => {
      for (const member of members) if (member !== except && member.hears.broadcast) member.send(message);
    },
    leave: (member) => {
      members.delete(member);
      if (members.size === 0) onEmpty();
      showDiff(presences.untrack(member));
    },
  };
}
