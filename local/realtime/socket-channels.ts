import type { Channel } from './channel.ts';
import type { Frame, TextFrame } from './decode-frame.ts';
import { encodePush, encodeReply } from './encode-frame.ts';
import { joinChannel, type JoinOptions } from './join-channel.ts';
import type { RealtimeContext } from './realtime-context.ts';

/** The channels of one socket, by topic. */
export type SocketChannels = {
  /** Undefined where it was done at once. */
  handle: (frame: Frame) => Promise<void> | undefined;
  /** Ends the channel in which an error was that nobody foresaw. */
  crash: (frame: Frame, error: unknown) => void;
  leaveAll: () => void;
  /** When there was a channel last: now, while there is one. */
  occupiedAt: () => number;
};

export function createSocketChannels(options: {
  context: RealtimeContext;
  socket: Omit<JoinOptions['socket'], 'channelCount'>;
  disconnect: () => void;
}): SocketChannels {
  const { context, disconnect } = options;
  const channels = new Map<string, Channel>();
  const socket = { ...options.socket, channelCount: () => channels.size };
  const { send } = socket;
  let emptySince = Date.now();

  const onLeave = (topic: string): void => {
    channels.delete(topic);
    if (channels.size === 0) emptySince = Date.now();
  };
  const join = async (frame: TextFrame): Promise<void> => {
    const { topic } = frame;
    channels.get(topic)?.close();
    if (!context.joins.take()) {
      const reason = 'ClientJoinRateLimitReached: Too many joins per second';
      send(encodeReply(topic, frame, 'error', { reason }));
      return disconnect();
    }
    const channel = await joinChannel({ context, frame, socket, onLeave: () => onLeave(topic) });
    if (channel !== undefined) channels.set(topic, channel);
  };
  const answerUnjoined = ({ topic, joinRef, ref, ...frame }: Frame): void => {
    if (isLeave(frame)) send(encodeReply(topic, { joinRef, ref }, 'ok'));
    else send(encodeReply(topic, { joinRef: null, ref }, 'error', { reason: 'unmatched topic' }));
  };
  return {
    handle: (frame) => {
      const { topic, joinRef, ref } = frame;
      if (topic === 'phoenix') {
        if (frame.event === 'heartbeat') send(encodeReply(topic, { joinRef: null, ref }, 'ok'));
        return undefined;
      }
      if (frame.kind === 'text' && frame.event === 'phx_join') return join(frame);
      const channel = channels.get(topic);
      if (channel === undefined) answerUnjoined(frame);
      // Of a join that has been replaced.
      else if (joinRef !== null && joinRef !== channel.joinRef) return undefined;
      else if (!isLeave(frame)) return channel.receive(frame);
      else {
        send(encodeReply(topic, { joinRef: channel.joinRef, ref }, 'ok'));
        channel.close();
      }
      return undefined;
    },
    crash: (frame, error) => {
      context.log('ChannelCrash', error);
      const channel = channels.get(frame.topic);
      const joinRef = channel?.joinRef ?? frame.joinRef;
      channel?.leave();
      send(encodePush(frame.topic, 'phx_error', { reason: 'channel_crash' }, { joinRef, ref: joinRef }));
    },
    leaveAll: () => {
      for (const channel of channels.values()) channel.leave();
    },
    occupiedAt: () => (channels.size > 0 ? Date.now() : emptySince),
  };
}

function isLeave({ kind, event }: Pick<Frame, 'kind' | 'event'>): boolean {
  return kind === 'text' && event === 'phx_leave';
}
