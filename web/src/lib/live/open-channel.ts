import { supabase } from '../supabase.ts';
import type { ChannelStatus } from './judge-channel.ts';

/** Who is in a channel: one entry for each tab, with what it said of itself last. */
export type Present = { key: string; meta: Record<string, unknown> };

export type ChannelEvents = {
  onStatus: (status: ChannelStatus, error?: Error) => void;
  onMessage: (event: string, payload: unknown) => void;
  onPresence: (present: Present[]) => void;
};

export type Channel = {
  leave: () => Promise<void>;
  /** To the others in the channel, at most once; nothing while there is no connection. */
  send: (event: string, payload: Record<string, unknown>) => void;
  track: (meta: Record<string, unknown>) => void;
};

export type OpenChannel = (
  name: string,
  presenceKey: string | null,
  events: ChannelEvents,
) => Promise<Channel>;

/** Joins a private channel as the person who is signed in. Whether it is let in comes by `onStatus`. */
export const openChannel: OpenChannel = async (name, presenceKey, events) => {
  const client = supabase();
  // Else the first join would be an anonymous one, and refused.
  await client.realtime.setAuth();
  const channel = client.channel(name, {
    config: {
      private: true,
      broadcast: { self: false, ack: false },
      presence: { key: presenceKey ?? '', enabled: presenceKey !== null },
    },
  });
  channel.on('broadcast', { event: '*' }, ({ event, payload }) => events.onMessage(event, payload));
  if (presenceKey !== null) {
    channel.on('presence', { event: 'sync' }, () => events.onPresence(listPresent(channel.presenceState())));
  }
  const state = { isJoined: false };
  channel.subscribe((status, error) => {
    state.isJoined = status === 'SUBSCRIBED';
    events.onStatus(status, error);
  });
  return {
    leave: async () => void (await client.removeChannel(channel)),
    send: (event, payload) => {
      // Without a connection it would go by HTTP, one request each.
      if (state.isJoined) void channel.send({ type: 'broadcast', event, payload });
    },
    track: (meta) => {
      if (state.isJoined) void channel.track(meta);
    },
  };
};

function listPresent(state: Record<string, Record<string, unknown>[]>): Present[] {
  return Object.entries(state).flatMap(([key, metas]) => {
    const meta = metas.at(-1);
    return meta === undefined ? [] : [{ key, meta }];
  });
}
