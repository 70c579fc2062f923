import { expect, test } from 'vitest';
import { describeRateLimit } from './describe-rate-limit.ts';

const limit = { id: 'l', scope: 'project', scopeId: 'p' } as const;
const free = { used: 5, limit: null };

test.each([
  [{ requests: { used: 5, limit: 60 }, tokens: free, openCalls: free }, '60 requests a minute'],
  [
    { requests: free, tokens: { used: 5, limit: 40_000 }, openCalls: { used: 0, limit: 1 } },
    '40\u00a0k tokens a minute, 1 call at once',
  ],
  [{ requests: { used: 5, limit: 0 }, tokens: free, openCalls: free }, '0 requests a minute'],
  [{ requests: free, tokens: free, openCalls: free }, ''],
])('a rate limit names what it limits, and nothing else: %#', (allowances, words) => {
  expect(describeRateLimit({ ...limit, ...allowances })).toBe(words);
});
