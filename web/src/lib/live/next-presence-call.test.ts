import { expect, test } from 'vitest';
import { nextPresenceCallAt } from './next-presence-call.ts';

test('[LIV6] presence is said at once, but never more than four times in thirty seconds', () => {
  expect(nextPresenceCallAt([], 100)).toBe(100);
  expect(nextPresenceCallAt([1, 2, 3], 100)).toBe(100);
  expect(nextPresenceCallAt([1, 2, 3, 4], 100)).toBe(30_001);
  expect(nextPresenceCallAt([0, 1, 2, 3, 4], 30_500)).toBe(30_500);
  const calls: number[] = [];
  for (let now = 0; now < 120_000; now = (calls.at(-1) ?? 0) + 10) calls.push(nextPresenceCallAt(calls, now));
  const most = Math.max(
    ...calls.map((from) => calls.filter((at) => at >= from && at < from + 30_000).length),
  );
  expect(most).toBe(4);
});
