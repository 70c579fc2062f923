import { expect, test } from 'vitest';
import { centsToUsd } from './cents-to-usd.ts';

test.each([
  ['123.78912', '1.2378912'],
  ['5', '0.05'],
  ['0.000001', '0.00000001'],
  ['100', '1.00'],
  ['-12.5', '-0.125'],
  ['1234567', '12345.67'],
])('[CEN1] %s cents are %s dollars, to the last decimal', (cents, usd) => {
  expect(centsToUsd(cents)).toBe(usd);
});
