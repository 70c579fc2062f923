/** A calendar day, `2026-11-21`. Which instants it spans depends on a zone. */
export type Day = string;

const dayMs = 86_400_000;

/** The calendar day of an instant in a zone. */
export function dayIn(timeZone: string, at: Date): Day {
  return wallClock(timeZone, at).slice(0, 10);
}

export function addDays(day: Day, count: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * dayMs).toISOString().slice(0, 10);
}

/** Every day from the first to the last, both included. */
export function daysBetween(first: Day, last: Day): Day[] {
  const days: Day[] = [];
  for (let day = first; day <= last; day = addDays(day, 1)) days.push(day);
  return days;
}

/** The first instant of a day in a zone, also where clocks skip or repeat midnight. */
export function startOfDay(day: Day, timeZone: string): Date {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const candidates = [midnight - dayMs, midnight + dayMs]
    .map((near) => midnight - offsetMs(timeZone, new Date(near)))
    .toSorted((left, right) => left - right);
  const first = candidates.find((at) => dayIn(timeZone, new Date(at)) === day);
  return new Date(first ?? midnight);
}

export function isDay(text: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  // Some parsers read February 31 as a day in March.
  return at !== undefined && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** Nov 21; with the year when it is not the present one. */
export function formatDay(day: Day, today: Day = dayIn(viewerTimeZone(), new Date())): string {
  return format(day, {
    month: 'short',
    day: 'numeric',
    ...(day.slice(0, 4) === today.slice(0, 4) ? {} : { year: 'numeric' }),
  });
}

/** November 2026, of any day in it. */
export const formatMonth = (day: Day): string => format(day, { month: 'long', year: 'numeric' });

/** Sat, Nov 21, 2026 */
export const formatDayLong = (day: Day): string =>
  format(day, { weekday: 'short', month: 'short', day: 'numeric', year: 'numeric' });

/** `just now`, `12 s ago`, `5 min ago`, `3 h ago`; beyond a day the date in the viewer's zone. */
export function formatRelative(at: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - at.getTime()) / 1000);
  // A server's clock may be a little ahead of the viewer's.
  if (seconds < 5 && seconds > -60) return 'just now';
  if (seconds < 0) return formatMoment(at, now);
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  return formatMoment(at, now);
}

/** Nov 21, 16:03 in the viewer's zone; with the year when it is not the present one. */
export function formatMoment(at: Date, now: Date = new Date()): string {
  return new Intl.DateTimeFormat('en-US', {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(at.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' }),
  }).format(at);
}

/** Nov 21, 2026, 16:03:12.345 GMT+1: what stands behind every relative time. */
export function formatMomentExact(at: Date): string {
  return new Intl.DateTimeFormat('en-US', {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
    timeZoneName: 'short',
  }).format(at);
}

export const viewerTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

function format(day: Day, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-US', { ...options, timeZone: 'UTC' }).format(
    new Date(`${day}T00:00:00Z`),
  );
}

/** `2026-11-21T16:03:12`, what a clock in the zone shows. */
function wallClock(timeZone: string, at: Date): string {
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
  })
    .format(at)
    .replace(' ', 'T');
}

function offsetMs(timeZone: string, at: Date): number {
  const seconds = Math.floor(at.getTime() / 1000) * 1000;
  return Date.parse(`${wallClock(timeZone, new Date(seconds))}Z`) - seconds;
}
