import { expect, test } from 'vitest';
import { costOfCall } from './cost-of-call.ts';
import type { Price } from './price-queries.ts';

const price: Price = {
  provider: 'openai',
  model: 'gpt-4o',
  display_name: 'GPT-4o',
  context_window: null,
  is_own: false,
  valid_from: '1970-01-01T00:00:00Z',
  input_usd_per_mtok: '2.5',
  cache_read_usd_per_mtok: '1.25',
  cache_write_5m_usd_per_mtok: null,
  cache_write_1h_usd_per_mtok: null,
  output_usd_per_mtok: '10',
  context_tiers: [{ above_input_tokens: 200_000, input: 5 }],
};

test('[CALC1] cached tokens are a part of the input, and cost less', () => {
  expect(costOfCall(price, { input: 1000, cached: 0, output: 100 })).toBe('0.0035');
  expect(costOfCall(price, { input: 1000, cached: 800, output: 100 })).toBe('0.0025');
  expect(costOfCall(price, { input: 1000, cached: 5000, output: 0 })).toBe('0.00125');
});

test('[CALC3] a model whose tokens have no price is not free', () => {
  const byTime = { ...price, input_usd_per_mtok: null, output_usd_per_mtok: null };
  expect(costOfCall(byTime, { input: 1000, cached: 0, output: 100 })).toBeNull();
  expect(costOfCall({ ...byTime, input_usd_per_mtok: '0' }, { input: 1000, cached: 0, output: 0 })).toBe('0');
});

test('[CALC2] a long context costs its own rate', () => {
  expect(costOfCall(price, { input: 200_001, cached: 0, output: 0 })).toBe('1.000005');
});
