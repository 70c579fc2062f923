import { type Day, daysBetween } from '@/lib/dates.ts';
import { compareUsd, isZeroUsd, sumUsd, type Usd, zeroUsd } from '@/lib/money.ts';

export type DailyAmount = { day: Day; key: string; amount: Usd };

/** One color of the stack; `key` is null for what was too small for a color of its own. */
export type Series = { key: string | null; total: Usd; amounts: ReadonlyMap<Day, Usd> };

/** A series with the name and color that a page gives it. */
export type NamedSeries = { series: Series; label: string; color: string };

export type StackedDays = {
  days: Day[];
  series: Series[];
  totals: ReadonlyMap<Day, Usd>;
  total: Usd;
};

const mostSeries = 7;

/** Sums daily amounts into at most seven series, dearest first, and one for the rest; days without any stay. */
export function stackSeries(amounts: readonly DailyAmount[], firstDay: Day, lastDay: Day): StackedDays {
  const shown = amounts.filter(({ day, amount }) => day >= firstDay && day <= lastDay && !isZeroUsd(amount));
  const ranked = [...Map.groupBy(shown, ({ key }) => key)]
    .map(([key, own]) => toSeries(key, own))
    .sort((left, right) => compareUsd(right.total, left.total));
  const largest = ranked.slice(0, mostSeries);
  const named = new Set(largest.map(({ key }) => key));
  const rest = shown.filter(({ key }) => !named.has(key));
  const all = toSeries(null, shown);
  return {
    days: daysBetween(firstDay, lastDay),
    series: rest.length > 0 ? [...largest, toSeries(null, rest)] : largest,
    totals: all.amounts,
    total: all.total,
  };
}

function toSeries(key: string | null, amounts: readonly DailyAmount[]): Series {
  const byDay = new Map<Day, Usd>();
  for (const { day, amount } of amounts) byDay.set(day, sumUsd([byDay.get(day) ?? zeroUsd, amount]));
  return { key, total: sumUsd(byDay.values()), amounts: byDay };
}
