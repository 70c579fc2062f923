export type Limits = {
  sockets: number;
  channelsPerSocket: number;
  /** Averages of a minute, of the whole project. */
  messagesPerSecond: number;
  joinsPerSecond: number;
  presencePerSecond: number;
  /** Tracks and untracks of one channel in a window. */
  presenceCalls: number;
  presenceWindowMs: number;
  payloadBytes: number;
  /** A socket that says nothing for so long is closed. */
  idleMs: number;
  /** As is one that has no channel. */
  emptyMs: number;
  /** What may wait for one socket that reads slowly, before it is cut off. */
  waitingBytes: number;
  /** Tokens are looked at again after so long at most, whenever they expire. */
  tokenCheckMs: number;
};

/** Those of a large hosted project. */
export const DEFAULT_LIMITS: Limits = {
  sockets: 10_000,
  channelsPerSocket: 100,
  messagesPerSecond: 2_500,
  joinsPerSecond: 2_500,
  presencePerSecond: 1_000,
  presenceCalls: 5,
  presenceWindowMs: 30_000,
  payloadBytes: 3_000_500,
  idleMs: 60_000,
  emptyMs: 600_000,
  waitingBytes: 16_000_000,
  tokenCheckMs: 3_600_000,
};
