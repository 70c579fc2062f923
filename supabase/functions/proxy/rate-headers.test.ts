import { expect, test } from 'vitest';
import { rateHeaders } from './rate-headers.ts';

const rates = {
  requests: { limit: 60, remaining: 12 },
  tokens: null,
  reset_seconds: 63,
  limits_open_calls: false,
};

test("OpenAI's clients read what is left in x-ratelimit headers", () => {
  expect(rateHeaders('openai', rates)).toEqual([
    ['x-ratelimit-limit-requests', '60'],
    ['x-ratelimit-remaining-requests', '12'],
    ['x-ratelimit-reset-requests', '63s'],
  ]);
});

test("Anthropic's read it in anthropic-ratelimit headers, with the instant it is free again", () => {
  const tokens = { ...rates, requests: null, tokens: { limit: 1000, remaining: -5 } };
  expect(rateHeaders('anthropic', tokens, Date.UTC(2026, 0, 1))).toEqual([
    ['anthropic-ratelimit-tokens-limit', '1000'],
    ['anthropic-ratelimit-tokens-remaining', '0'],
    ['anthropic-ratelimit-tokens-reset', '2026-01-01T00:01:03.000Z'],
  ]);
});
