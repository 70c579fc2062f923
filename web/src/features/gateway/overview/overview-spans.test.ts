import { expect, test } from 'vitest';
import { overviewSpans, parseRangeDays, visibleRanges } from './overview-spans.ts';

test('a week in the organization’s zone, and the week before up to the same time of day', () => {
  const spans = overviewSpans('Asia/Kathmandu', 7, new Date('2026-11-21T10:08:00Z'));
  expect(spans).toEqual({
    firstDay: '2026-11-15',
    lastDay: '2026-11-21',
    current: { fromAt: new Date('2026-11-14T18:15:00Z'), toAt: new Date('2026-11-21T18:15:00Z') },
    previous: { fromAt: new Date('2026-11-07T18:15:00Z'), toAt: new Date('2026-11-14T10:00:00Z') },
  });
});

test('a day is compared with the day before by this time', () => {
  const spans = overviewSpans('UTC', 1, new Date('2026-11-21T00:20:00Z'));
  expect(spans.current).toEqual({
    fromAt: new Date('2026-11-21T00:00:00Z'),
    toAt: new Date('2026-11-22T00:00:00Z'),
  });
  expect(spans.previous).toEqual({
    fromAt: new Date('2026-11-20T00:00:00Z'),
    toAt: new Date('2026-11-20T00:15:00Z'),
  });
});

test('a week with a clock change begins at midnight all the same', () => {
  const { current } = overviewSpans('America/New_York', 7, new Date('2026-11-03T12:00:00Z'));
  expect(current.fromAt.toISOString()).toBe('2026-10-28T04:00:00.000Z');
  expect(current.toAt.toISOString()).toBe('2026-11-04T05:00:00.000Z');
});

test('an unknown range is thirty days', () => {
  expect(parseRangeDays('7')).toBe(7);
  expect(parseRangeDays('365')).toBe(30);
  expect(parseRangeDays(null)).toBe(30);
});

test('a range that the plan does not show is the longest that it does', () => {
  const now = new Date('2026-11-21T12:00:00Z');
  expect(visibleRanges('UTC', now, null)).toEqual([7, 30, 90]);
  const aWeek = visibleRanges('UTC', now, new Date('2026-11-14T12:00:00Z'));
  expect(aWeek).toEqual([7]);
  expect(parseRangeDays('90', aWeek)).toBe(7);
  expect(parseRangeDays(null, aWeek)).toBe(7);
  expect(visibleRanges('UTC', now, new Date('2026-11-20T12:00:00Z'))).toEqual([7]);
});
