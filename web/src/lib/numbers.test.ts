import { expect, test } from 'vitest';
import { formatCompact, formatLatency, formatPercent, formatPlural } from './numbers.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

test.each([
  [0, '0'],
  [940, '940'],
  [999, '999'],
  [1_000, '1 k'],
  [12_345, '12.3 k'],
  [345_678, '346 k'],
  [999_960, '1 M'],
  [1_234_567, '1.2 M'],
  [7_000_000_000, '7 B'],
])('%d tokens are %s', (count, text) => {
  expect(plain(formatCompact(count))).toBe(text);
});

test.each([
  [0.42, '0.4 ms'],
  [9, '9 ms'],
  [840.4, '840 ms'],
  [999.4, '999 ms'],
  [999.6, '1.00 s'],
  [1_843, '1.84 s'],
  [12_340, '12.3 s'],
  [59_996, '1 min 00 s'],
  [125_000, '2 min 05 s'],
])('%d ms are %s', (ms, text) => {
  expect(plain(formatLatency(ms))).toBe(text);
});

test.each([
  [0, '0%'],
  [0.0004, '<0.1%'],
  [0.0123, '1.2%'],
  [0.05, '5%'],
  [0.0999, '10%'],
  [0.456, '46%'],
  [1, '100%'],
])('%d is %s', (ratio, text) => {
  expect(formatPercent(ratio)).toBe(text);
});

test('plurals', () => {
  expect(formatPlural(1, 'call')).toBe('1 call');
  expect(formatPlural(1200, 'call')).toBe('1,200 calls');
  expect(formatPlural(2, 'entry', 'entries')).toBe('2 entries');
});
