/** What realtime-js calls a channel's state. */
export type ChannelStatus = 'SUBSCRIBED' | 'TIMED_OUT' | 'CLOSED' | 'CHANNEL_ERROR';

/**
 * joined: messages arrive from now on. waiting: the connection is gone, and realtime-js joins again by itself.
 * broken: the server said no, or closed the channel; whoever wants it has to open another.
 */
export type ChannelVerdict = 'joined' | 'waiting' | 'broken';

/** What a state, and the error with it, mean for the channel. */
export function judgeChannel(status: ChannelStatus, error?: Error): ChannelVerdict {
  if (status === 'SUBSCRIBED') return 'joined';
  if (status === 'CLOSED') return 'broken';
  return isRefusal(error?.cause) ? 'broken' : 'waiting';
}

/** A reply of the server has a reason and nothing else of a socket's closing, which has a code too. */
const isRefusal = (cause: unknown): boolean =>
  typeof cause === 'object' && cause !== null && 'reason' in cause && !('code' in cause);

const delaysMs = [1_000, 2_000, 5_000];
const longestDelayMs = 10_000;

/** How long to wait before the next try, as realtime-js does between its own. */
export const retryDelayMs = (failures: number): number => delaysMs[failures - 1] ?? longestDelayMs;
