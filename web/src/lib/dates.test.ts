import { describe, expect, test } from 'vitest';
import {
  addDays,
  dayIn,
  daysBetween,
  formatDay,
  formatDayLong,
  formatRelative,
  isDay,
  startOfDay,
} from './dates.ts';

describe('days of a zone', () => {
  test.each([
    ['UTC', '2026-11-21', '2026-11-21T00:00:00.000Z'],
    ['Asia/Kathmandu', '2026-11-21', '2026-11-20T18:15:00.000Z'],
    ['Pacific/Kiritimati', '2026-11-21', '2026-11-20T10:00:00.000Z'],
    ['America/Los_Angeles', '2026-11-21', '2026-11-21T08:00:00.000Z'],
    ['America/Los_Angeles', '2026-03-08', '2026-03-08T08:00:00.000Z'],
    ['America/Los_Angeles', '2026-03-09', '2026-03-09T07:00:00.000Z'],
    // Clocks went from 24:00 to 01:00: the day begins at one.
    ['Africa/Cairo', '2025-04-25', '2025-04-24T22:00:00.000Z'],
    // Clocks went from 01:00 back to 00:00: the earlier midnight.
    ['Atlantic/Azores', '2025-10-26', '2025-10-26T00:00:00.000Z'],
  ])('in %s, %s begins at %s', (timeZone, day, instant) => {
    expect(startOfDay(day, timeZone).toISOString()).toBe(instant);
  });
  test('an instant is on different days in different zones', () => {
    const at = new Date('2026-11-21T23:30:00Z');
    expect(dayIn('UTC', at)).toBe('2026-11-21');
    expect(dayIn('Asia/Tokyo', at)).toBe('2026-11-22');
    expect(dayIn('America/New_York', at)).toBe('2026-11-21');
  });
  test('counting crosses months and years', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2028-03-01', -1)).toBe('2028-02-29');
    expect(daysBetween('2026-10-30', '2026-11-02')).toEqual([
      '2026-10-30',
      '2026-10-31',
      '2026-11-01',
      '2026-11-02',
    ]);
    expect(daysBetween('2026-11-02', '2026-11-01')).toEqual([]);
  });
  test('what is a day', () => {
    expect(isDay('2026-11-21')).toBe(true);
    expect(isDay('2026-13-01')).toBe(false);
    expect(isDay('yesterday')).toBe(false);
  });
});

test('days as people read them', () => {
  expect(formatDay('2026-11-03', '2026-11-21')).toBe('Nov 3');
  expect(formatDay('2025-11-03', '2026-11-21')).toBe('Nov 3, 2025');
  expect(formatDayLong('2026-11-21')).toBe('Sat, Nov 21, 2026');
});

test.each([
  [-3, 'just now'],
  [2, 'just now'],
  [12, '12 s ago'],
  [59, '59 s ago'],
  [300, '5 min ago'],
  [3_600 * 3 + 59, '3 h ago'],
])('%d seconds ago reads %s', (seconds, text) => {
  const now = new Date('2026-11-21T12:00:00Z');
  expect(formatRelative(new Date(now.getTime() - seconds * 1000), now)).toBe(text);
});

test('beyond a day a time is a date', () => {
  const now = new Date('2026-11-21T12:00:00Z');
  expect(formatRelative(new Date('2026-11-18T12:00:00Z'), now)).toMatch(/^Nov 18, \d\d:\d\d$/);
  expect(formatRelative(new Date('2025-11-18T12:00:00Z'), now)).toMatch(/2025/);
});
