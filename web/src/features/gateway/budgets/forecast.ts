import { multiplyUsd, type Usd } from '@/lib/money.ts';

/** So little of a window has passed that nothing can be told from it. */
const leastShare = 0.02;

/**
 * What will have been spent at the end of a window if it goes on as it went so far; null where that cannot be said yet,
 * or the window has no end.
 */
export function forecastUsd(spentUsd: Usd, window: { start: string; end: string }, now: Date): Usd | null {
  const [start, end] = [Date.parse(window.start), Date.parse(window.end)];
  if (Number.isNaN(start) || Number.isNaN(end)) return null;
  const share = (now.getTime() - start) / (end - start);
  if (share < leastShare) return null;
  return share >= 1 ? spentUsd : multiplyUsd(spentUsd, 1 / share);
}
