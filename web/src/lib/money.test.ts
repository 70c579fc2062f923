import { describe, expect, test } from 'vitest';
import {
  compareUsd,
  formatUsd,
  formatUsdExact,
  formatUsdTick,
  isZeroUsd,
  priceTokens,
  roundUsd,
  shareOf,
  subtractUsd,
  sumUsd,
} from './money.ts';

describe('exact sums', () => {
  test('what floats get wrong', () => {
    expect(sumUsd(['0.1', '0.2'])).toBe('0.3');
    expect(sumUsd(Array.from({ length: 1000 }, () => '0.0000000001'))).toBe('0.0000001');
    expect(sumUsd(['9999999999.9999999999', '0.0000000001'])).toBe('10000000000');
  });
  test('nothing sums to zero', () => {
    expect(sumUsd([])).toBe('0');
    expect(isZeroUsd('0.0000000000')).toBe(true);
    expect(isZeroUsd('0.0000000001')).toBe(false);
  });
  test('differences may be negative', () => {
    expect(subtractUsd('0.1', '0.3')).toBe('-0.2');
    expect(compareUsd('0.1', '0.3')).toBe(-1);
    expect(compareUsd('0.30', '0.3')).toBe(0);
    expect(compareUsd('12', '3')).toBe(1);
  });
  test('tokens times a rate per million keeps every decimal', () => {
    expect(priceTokens(1, '0.04')).toBe('0.00000004');
    expect(priceTokens(123_457, '0.0312500001')).toBe('0.0038580312623457');
    expect(roundUsd(priceTokens(123_457, '0.0312500001'))).toBe('0.0038580313');
  });
  test('rounding goes half away from zero, as in SQL', () => {
    expect(roundUsd('0.00000000005')).toBe('0.0000000001');
    expect(roundUsd('-0.00000000005')).toBe('-0.0000000001');
    expect(roundUsd('0.00000000004')).toBe('0');
  });
  test('exponents, as JSON may write small rates', () => {
    expect(sumUsd(['1e-7', '1.5E2'])).toBe('150.0000001');
  });
  test('what is not a decimal is refused', () => {
    expect(() => sumUsd(['NaN'])).toThrow(RangeError);
    expect(() => sumUsd([''])).toThrow(RangeError);
  });
});

test('shares', () => {
  expect(shareOf('1', '3')).toBeCloseTo(1 / 3, 6);
  expect(shareOf('1', '0')).toBe(0);
});

describe('formatting', () => {
  test.each([
    ['0', '$0.00'],
    ['12.4', '$12.40'],
    ['0.0031', '$0.0031'],
    ['0.003149', '$0.0031'],
    ['0.00003', '$0.000030'],
    ['0.00000004', '$0.000000040'],
    ['0.0104', '$0.010'],
    ['0.05', '$0.050'],
    ['0.0996', '$0.10'],
    ['0.00996', '$0.010'],
    ['0.1', '$0.10'],
    ['0.126', '$0.13'],
    ['0.999', '$1.00'],
    ['1234567.891', '$1,234,567.89'],
    ['-3.5', '-$3.50'],
  ])('%s is %s', (amount, text) => {
    expect(formatUsd(amount)).toBe(text);
  });
  test('the drawer shows everything', () => {
    expect(formatUsdExact('0.0031250000')).toBe('$0.003125');
    expect(formatUsdExact('12.0000000000')).toBe('$12.00');
    expect(formatUsdExact('1234.0000000001')).toBe('$1,234.0000000001');
  });
  test.each([
    [0, '$0'],
    [0.5, '$0.50'],
    [0.0004, '$0.0004'],
    [40, '$40'],
    [1200, '$1.2k'],
    [3_000_000, '$3m'],
  ])('a tick at %s is %s', (amount, text) => {
    expect(formatUsdTick(amount)).toBe(text);
  });
});
