import { expect, test } from 'vitest';
import { forecastUsd } from './forecast.ts';

const day = { start: '2026-11-21T00:00:00Z', end: '2026-11-22T00:00:00Z' };

test('what went on for a quarter of the window is expected four times', () => {
  expect(forecastUsd('1.5', day, new Date('2026-11-21T06:00:00Z'))).toBe('6');
});

test('after the end it is what was spent', () => {
  expect(forecastUsd('1.5', day, new Date('2026-11-22T06:00:00Z'))).toBe('1.5');
});

test('nothing is said in the first minutes, nor without an end', () => {
  expect(forecastUsd('1.5', day, new Date('2026-11-21T00:10:00Z'))).toBeNull();
  expect(forecastUsd('1.5', { start: '-infinity', end: 'infinity' }, new Date())).toBeNull();
});
