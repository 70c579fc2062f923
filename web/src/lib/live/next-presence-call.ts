// Hosted Realtime closes a channel after more than five presence calls in thirty seconds. One is kept for a rejoin.
const mostCalls = 4;
const windowMs = 30_000;

/** When presence may be said again, after calls at these times (ms since the epoch, in their order). */
export function nextPresenceCallAt(calls: readonly number[], now: number): number {
  const oldest = calls.at(-mostCalls);
  return oldest === undefined ? now : Math.max(now, oldest + windowMs);
}
