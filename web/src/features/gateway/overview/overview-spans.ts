import { addDays, type Day, dayIn, startOfDay } from '@/lib/dates.ts';
import type { Span } from '../reports/report-queries.ts';

export const rangeDays = [7, 30, 90] as const;
export type RangeDays = (typeof rangeDays)[number];

export type OverviewSpans = {
  firstDay: Day;
  lastDay: Day;
  /** From the first day's start to the end of today. */
  current: Span;
  /** As many days right before, up to the same time of day, so that a day that has just begun is not held against a full one. */
  previous: Span;
};

const quarterMs = 900_000;

export function overviewSpans(timeZone: string, days: number, now: Date): OverviewSpans {
  const lastDay = dayIn(timeZone, now);
  const firstDay = addDays(lastDay, 1 - days);
  const today = startOfDay(lastDay, timeZone).getTime();
  const sameDayBefore = startOfDay(addDays(lastDay, -days), timeZone).getTime();
  // Usage is kept by quarter hours; a coarser instant also keeps the query's key from changing all the time.
  const elapsed = Math.floor((now.getTime() - today) / quarterMs) * quarterMs;
  return {
    firstDay,
    lastDay,
    current: {
      fromAt: startOfDay(firstDay, timeZone),
      toAt: startOfDay(addDays(lastDay, 1), timeZone),
    },
    previous: {
      fromAt: startOfDay(addDays(firstDay, -days), timeZone),
      toAt: new Date(sameDayBefore + elapsed),
    },
  };
}

/** The ranges that lie within what the plan shows of the history; the shortest always does. */
export function visibleRanges(timeZone: string, now: Date, historyStartsAt: Date | null): RangeDays[] {
  return rangeDays.filter(
    (days, index) =>
      index === 0 ||
      historyStartsAt === null ||
      overviewSpans(timeZone, days, now).current.fromAt >= historyStartsAt,
  );
}

/** The range that an address asks for, of those that may be chosen; thirty days, or the longest, where it does not. */
export function parseRangeDays(text: string | null, visible: readonly RangeDays[] = rangeDays): RangeDays {
  const isVisible = (days: RangeDays): boolean => visible.includes(days);
  const asked = rangeDays.find((days) => String(days) === text) ?? 30;
  return isVisible(asked) ? asked : (visible.at(-1) ?? 7);
}
