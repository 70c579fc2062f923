import { expect, test } from 'vitest';
import { nextCronRun } from './next-cron-run.ts';

const next = (schedule: string, after: string) => nextCronRun(schedule, new Date(after))?.toISOString();

test('[CRN1] five fields, in GMT', () => {
  expect(next('*/15 * * * *', '2026-03-29T00:59:30Z')).toBe('2026-03-29T01:00:00.000Z');
  expect(next('30 2 * * mon-fri', '2026-11-20T03:00:00Z')).toBe('2026-11-23T02:30:00.000Z');
});

test('[CRN2] a day of the month or of the week is enough, where both are given', () => {
  expect(next('0 0 13 * 5', '2026-11-21T00:00:00Z')).toBe('2026-11-27T00:00:00.000Z');
});

test('[CRN3] $ is the last day of the month', () => {
  expect(next('0 12 $ * *', '2028-02-10T00:00:00Z')).toBe('2028-02-29T12:00:00.000Z');
});

test('[CRN4] intervals count from the last start', () => {
  expect(next('30 seconds', '2026-01-01T00:00:10.250Z')).toBe('2026-01-01T00:00:40.250Z');
});

test('[CRN5] nicknames', () => {
  expect(next('@hourly', '2026-01-01T00:30:00Z')).toBe('2026-01-01T01:00:00.000Z');
  expect(next('@daily', '2026-01-01T00:30:00Z')).toBe('2026-01-02T00:00:00.000Z');
});
