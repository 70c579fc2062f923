import type { GatewayKeys } from '../verify-jwt.ts';
import type { Limits } from './limits.ts';
import type { RateCounter } from './rate-counter.ts';
import type { RealtimeDatabase } from './realtime-database.ts';
import type { Rooms } from './rooms.ts';

/** What all sockets and requests share. */
export type RealtimeContext = {
  keys: GatewayKeys;
  limits: Limits;
  rooms: Rooms;
  database: RealtimeDatabase;
  messages: RateCounter;
  joins: RateCounter;
  presence: RateCounter;
  /** Codes are those of hosted Realtime. */
  log: (code: string, detail: unknown) => void;
};
