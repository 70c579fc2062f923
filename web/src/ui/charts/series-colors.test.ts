import { expect, test } from 'vitest';
import { assignSeriesColors } from './series-colors.ts';

const models = [
  'gpt-5',
  'gpt-5-mini',
  'claude-sonnet-4-5',
  'claude-haiku-4-5',
  'kimi-k2',
  'text-embedding-3-small',
];

test('no two of a dozen share a color', () => {
  const keys = [...models, 'gpt-4o', 'o3', 'claude-opus-4', 'kimi-latest', 'gpt-4.1', 'gpt-4.1-nano'];
  const colorOf = assignSeriesColors(keys);
  expect(new Set(keys.map(colorOf)).size).toBe(12);
});

test('the order in which keys are listed does not matter', () => {
  const forward = assignSeriesColors(models);
  const backward = assignSeriesColors(models.toReversed());
  for (const model of models) expect(forward(model)).toBe(backward(model));
});

test('an unknown key has a color too, always the same', () => {
  expect(assignSeriesColors([])('gpt-5')).toBe(assignSeriesColors([])('gpt-5'));
});
