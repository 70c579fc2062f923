import { expect, test } from 'vitest';
import { isNewer, leavesGap, mergeCalls } from './merge-calls.ts';

const call = (second: string, id: string, status = 'reserved') => ({
  created_at: `2026-11-21T12:00:${second}+00:00`,
  id,
  status,
});

test('fresher states replace older ones, new calls come first, late ones take their place', () => {
  const loaded = [call('05', 'c'), call('03', 'a')];
  const fresher = [call('06', 'd'), call('05', 'c', 'succeeded'), call('04', 'b')];
  expect(mergeCalls(loaded, fresher).map(({ id, status }) => `${id} ${status}`)).toEqual([
    'd reserved',
    'c succeeded',
    'b reserved',
    'a reserved',
  ]);
});

test('fractions of different length are ordered by time, equal times by id', () => {
  expect(isNewer(call('05.1', 'a'), call('05', 'b'))).toBe(true);
  expect(isNewer(call('05.048051', 'a'), call('05.04805', 'b'))).toBe(true);
  expect(isNewer(call('05', 'b'), call('05', 'a'))).toBe(true);
  expect(isNewer(call('05', 'a'), call('05', 'a'))).toBe(false);
});

test('a full page that does not reach what is known leaves a gap', () => {
  const head = [call('09', 'b'), call('08', 'a')];
  expect(leavesGap(head, 2, call('05', 'z'))).toBe(true);
  expect(leavesGap(head, 2, call('08', 'a'))).toBe(false);
  expect(leavesGap(head, 3, call('05', 'z'))).toBe(false);
  expect(leavesGap(head, 2, undefined)).toBe(false);
  expect(leavesGap([], 0, call('05', 'z'))).toBe(false);
});
