import { expect, test } from 'vitest';
import { type Price, quoteCost } from './quote-cost.ts';
import { noUsage } from './tally.ts';

const price: Price = {
  input: '3.0000000000',
  cache_read: '0.3000000000',
  cache_write_5m: '3.7500000000',
  cache_write_1h: '6.0000000000',
  output: '15.0000000000',
  context_tiers: [
    {
      above_input_tokens: 200_000,
      input: 6,
      cache_read: 0.6,
      cache_write_5m: 7.5,
      cache_write_1h: 12,
      output: 22.5,
    },
  ],
};

test('[QUO1] every class has its own rate and uncached input is what is left', () => {
  const usage = {
    ...noUsage,
    input_tokens: 1000,
    cache_read_tokens: 100,
    cache_write_5m_tokens: 200,
    cache_write_1h_tokens: 50,
    output_tokens: 10,
  };
  // 650 × 3 + 100 × 0.3 + 200 × 3.75 + 50 × 6 + 10 × 15 = 3180 millionths
  expect(quoteCost(price, usage)).toBe('0.0031800000');
});

test('[QUO2] above a tier the whole call costs the tier, exactly at it does not', () => {
  expect(quoteCost(price, { ...noUsage, input_tokens: 200_000 })).toBe('0.6000000000');
  expect(quoteCost(price, { ...noUsage, input_tokens: 200_001 })).toBe('1.2000060000');
});

test('[QUO3] a class without a rate costs what its parent does', () => {
  const bare = { ...price, cache_read: null, cache_write_5m: null, cache_write_1h: null, context_tiers: [] };
  const usage = {
    ...noUsage,
    input_tokens: 3,
    cache_read_tokens: 1,
    cache_write_5m_tokens: 1,
    cache_write_1h_tokens: 1,
  };
  expect(quoteCost(bare, usage)).toBe('0.0000090000');
});

test('[QUO4] the tenth decimal is rounded, not cut', () => {
  expect(
    quoteCost({ ...price, input: '0.0000500000', context_tiers: [] }, { ...noUsage, input_tokens: 1 }),
  ).toBe('0.0000000001');
  expect(
    quoteCost({ ...price, input: '0.0000490000', context_tiers: [] }, { ...noUsage, input_tokens: 1 }),
  ).toBe('0.0000000000');
});

test('[QUO5] without a price, or on another service tier, only the database can say', () => {
  expect(quoteCost(null, noUsage)).toBeNull();
  expect(quoteCost(price, { ...noUsage, service_tier: 'flex' })).toBeNull();
});
