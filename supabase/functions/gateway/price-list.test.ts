import { expect, test } from 'vitest';
import { PriceList, toImport } from './price-list.ts';

const listOf = (...models: unknown[]) =>
  PriceList.parse([
    { id: 'openai', models: models.map((model) => ({ match: { equals: 'm' }, ...Object(model) })) },
    { id: 'another', models: [{ id: 'x', prices: 'on request' }] },
  ]);
const importOf = (...models: unknown[]) => toImport(listOf(...models), { openai: 'openai' });

test('[PRL1] dated prices become dated rows, of which the last is what holds now', () => {
  const prices = [
    { prices: { input_mtok: 2, output_mtok: 8 } },
    { constraint: { start_date: '2026-06-01' }, prices: { input_mtok: 1, output_mtok: 4 } },
  ];
  expect(importOf({ id: 'm', prices }).prices).toMatchObject([
    { model: 'm', valid_from: '1970-01-01T00:00:00Z', is_latest: false, input: 2, output: 8 },
    { model: 'm', valid_from: '2026-06-01', is_latest: true, input: 1, output: 4 },
  ]);
});

test('[PRL2] rates that grow with the context become tiers, each with what changed before it', () => {
  const input = { base: 1, tiers: [{ start: 200_000, price: 2 }] };
  const output = { base: 4, tiers: [{ start: 500_000, price: 8 }] };
  const [row] = importOf({ id: 'm', prices: { input_mtok: input, output_mtok: output } }).prices;
  expect(row).toMatchObject({ input: 1, output: 4 });
  expect(row?.context_tiers).toEqual([
    { above_input_tokens: 200_000, input: 2 },
    { above_input_tokens: 500_000, input: 2, output: 8 },
  ]);
});

test.each([
  ['a cache read dearer than input', { input_mtok: 1, cache_read_mtok: 1.5 }],
  ['an hour of cache that is not twice the input', { input_mtok: 1, cache_write_1h_mtok: 1.25 }],
  ['a price below zero', { input_mtok: -1, output_mtok: 4 }],
  ['a price that is no number', { input_mtok: '1', output_mtok: 4 }],
  ['a price in another unit', { input_mtok: 1_000_000 }],
])('[PRL3] %s is left out and named, with nothing of its model', (_, prices) => {
  const {
    models,
    prices: rows,
    rejected,
  } = importOf({ id: 'odd', prices }, { id: 'fine', prices: { input_mtok: 1 } });
  expect(models.map(({ model }) => model)).toEqual(['fine']);
  expect(rows.map(({ model }) => model)).toEqual(['fine']);
  expect(rejected).toEqual([expect.stringContaining('openai/odd')]);
});

test('[PRL4] what is not priced by the token is no model here, and a list of another shape is none', () => {
  expect(importOf({ id: 'm', prices: {} })).toEqual({ models: [], prices: [], rejected: [] });
  expect(PriceList.safeParse([{ id: 'openai', models: ['m'] }]).success).toBe(false);
  expect(PriceList.safeParse({ error: 'no' }).success).toBe(false);
});
