import { expect, test } from 'vitest';
import { newerSpendStatus } from './newer-spend-status.ts';

const status = (version: bigint, second: number) => ({ version, asOf: new Date(second * 1_000) });

test('[COS1] what is told later is shown, unless the counter had moved further before', () => {
  const known = status(7n, 10);
  expect(newerSpendStatus(undefined, known)).toBe(known);
  const further = status(8n, 9);
  expect(newerSpendStatus(known, further)).toBe(further);
  expect(newerSpendStatus(known, status(6n, 11))).toBe(known);
});

test('[COS2] of one state of the counter the later look counts: refused calls move it not', () => {
  const known = status(7n, 10);
  const later = status(7n, 11);
  expect(newerSpendStatus(known, later)).toBe(later);
  expect(newerSpendStatus(known, status(7n, 9))).toBe(known);
});
