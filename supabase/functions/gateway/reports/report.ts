/** A line of a provider's report, as `store_provider_report` takes it. Money is a decimal string in dollars. */
export interface ReportLine {
  /** UTC, `2026-11-21` */
  readonly day: string;
  readonly kind: 'cost' | 'usage';
  /** As the provider calls it; '' for a sum that it does not break down. */
  readonly line_item: string;
  readonly service_tier: string;
  readonly model: string | null;
  readonly cost_usd?: string;
  readonly requests?: number | null;
  /** The total, caches included. */
  readonly input_tokens?: number;
  readonly cache_read_tokens?: number;
  readonly cache_write_5m_tokens?: number;
  readonly cache_write_1h_tokens?: number;
  readonly output_tokens?: number;
}

/** The first and the last day to read, UTC, both included. */
export interface ReportSpan {
  readonly firstDay: string;
  readonly lastDay: string;
}

/** What kept a report from being read, in words for people. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
}

const dayMs = 86_400_000;

/** Midnight, UTC, before the first day and after the last. */
export function boundsOf({ firstDay, lastDay }: ReportSpan): { from: Date; to: Date } {
  return { from: new Date(firstDay), to: new Date(Date.parse(lastDay) + dayMs) };
}

/** Every day of a span. */
export function daysOf(span: ReportSpan): string[] {
  const { from, to } = boundsOf(span);
  const count = Math.round((to.getTime() - from.getTime()) / dayMs);
  return Array.from({ length: count }, (_, index) => dayOf(from.getTime() + index * dayMs));
}

/** The days from 30 days ago until today, UTC: what is read each time, since providers revise what they reported. */
export function lastThirtyDays(now: Date): ReportSpan {
  return { firstDay: dayOf(now.getTime() - 30 * dayMs), lastDay: dayOf(now.getTime()) };
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Dollars are all that is compared. */
export function requireUsd(currency: string | null | undefined): void {
  if ((currency ?? 'usd').toLowerCase() !== 'usd') {
    throw new ReportError(`The provider bills in ${currency}, and only dollars can be compared.`);
  }
}
