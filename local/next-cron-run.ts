import { Cron } from 'croner';

/**
 * When a schedule of pg_cron is due next after a moment: five fields in GMT where `$` is the month's last day, a
 * nickname such as `@daily`, or an interval such as `'30 seconds'`, which counts from the last start.
 */
export function nextCronRun(schedule: string, after: Date): Date | undefined {
  const seconds = /^\s*(\d+)\s+seconds?\s*$/i.exec(schedule)?.[1];
  if (seconds !== undefined) return new Date(after.getTime() + Number(seconds) * 1000);
  const [minute, hour, day, ...rest] = schedule.trim().split(/\s+/);
  const pattern = day === '$' ? [minute, hour, 'L', ...rest].join(' ') : schedule.trim();
  const mode = pattern.startsWith('@') ? 'auto' : '5-part';
  // Day of month or day of week, where both are given: as in every cron before.
  return new Cron(pattern, { timezone: 'UTC', mode, domAndDow: false }).nextRun(after) ?? undefined;
}
