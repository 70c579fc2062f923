import { expect, test } from 'vitest';
import { niceTicks } from './nice-ticks.ts';

test.each([
  [3.4, [0, 1, 2, 3, 4]],
  [4, [0, 1, 2, 3, 4]],
  [0.3, [0, 0.1, 0.2, 0.3]],
  [9.9, [0, 2.5, 5, 7.5, 10]],
  [130, [0, 50, 100, 150]],
  [0.00031, [0, 0.0001, 0.0002, 0.0003, 0.0004]],
  [0, [0, 1]],
  [-Infinity, [0, 1]],
])('up to %d', (greatest, ticks) => {
  expect(niceTicks(greatest)).toEqual(ticks);
});
