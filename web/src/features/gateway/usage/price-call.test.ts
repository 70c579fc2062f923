import { expect, test } from 'vitest';
import { priceCall } from './price-call.ts';

const none = { cache_read_tokens: 0, cache_write_5m_tokens: 0, cache_write_1h_tokens: 0 };
const sonnet = {
  input_usd_per_mtok: '3.0000000000',
  cache_read_usd_per_mtok: '0.3000000000',
  cache_write_5m_usd_per_mtok: '3.7500000000',
  cache_write_1h_usd_per_mtok: '6.0000000000',
  output_usd_per_mtok: '15.0000000000',
  context_tiers: [{ above_input_tokens: 200_000, input: 6, cache_read: 0.6, output: 22.5 }],
};

test('each class of tokens at its own rate; input is what the caches leave', () => {
  const priced = priceCall(
    {
      input_tokens: 1_000,
      cache_read_tokens: 300,
      cache_write_5m_tokens: 200,
      cache_write_1h_tokens: 100,
      output_tokens: 50,
    },
    sonnet,
  );
  expect(priced.lines.map(({ label, tokens, costUsd }) => [label, tokens, costUsd])).toEqual([
    ['Input', 400, '0.0012'],
    ['Cache read', 300, '0.00009'],
    ['Cache write, 5 minutes', 200, '0.00075'],
    ['Cache write, 1 hour', 100, '0.0006'],
    ['Output', 50, '0.00075'],
  ]);
  expect(priced.totalUsd).toBe('0.00339');
  expect(priced.aboveInputTokens).toBeUndefined();
});

test('a long context moves the whole call to its rates; classes that the tier leaves out keep theirs', () => {
  const priced = priceCall(
    { ...none, input_tokens: 200_001, cache_write_5m_tokens: 1, output_tokens: 10 },
    sonnet,
  );
  expect(priced.aboveInputTokens).toBe(200_000);
  expect(priced.lines.map(({ usdPerMtok }) => usdPerMtok)).toEqual(['6', '3.7500000000', '22.5']);
});

test('a missing cache rate means that the class costs what its parent does', () => {
  const rates = {
    ...sonnet,
    cache_read_usd_per_mtok: null,
    cache_write_5m_usd_per_mtok: null,
    cache_write_1h_usd_per_mtok: null,
    context_tiers: [],
  };
  const priced = priceCall(
    {
      input_tokens: 3,
      cache_read_tokens: 1,
      cache_write_5m_tokens: 1,
      cache_write_1h_tokens: 1,
      output_tokens: 0,
    },
    rates,
  );
  expect(priced.lines.map(({ usdPerMtok }) => Number(usdPerMtok))).toEqual([3, 3, 3]);
  expect(priced.totalUsd).toBe('0.000009');
});

test('the total is rounded once, to ten decimals', () => {
  const rates = {
    ...sonnet,
    input_usd_per_mtok: '0.00005',
    output_usd_per_mtok: '0.00005',
    context_tiers: [],
  };
  expect(priceCall({ ...none, input_tokens: 1, output_tokens: 1 }, rates).totalUsd).toBe('0.0000000001');
});
