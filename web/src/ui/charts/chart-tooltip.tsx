import { type Day, formatDayLong } from '@/lib/dates.ts';
import { formatUsd, zeroUsd } from '@/lib/money.ts';
import type { NamedSeries, StackedDays } from './stack-series.ts';
import classes from './chart-tooltip.module.css';

type ChartTooltipProps = { day: Day; stacked: StackedDays; named: readonly NamedSeries[] };

/** One day of a stacked chart in figures, top of the stack first. */
export function ChartTooltip({ day, stacked, named }: ChartTooltipProps) {
  const present = named.filter(({ series }) => series.amounts.has(day)).toReversed();
  return (
    <div className={classes.root}>
      <div className={classes.title}>{formatDayLong(day)}</div>
      {present.length === 0 ? (
        <div className={classes.none}>Nothing spent</div>
      ) : (
        <dl className={classes.rows}>
          {present.map(({ series, label, color }) => (
            <div key={series.key ?? '\0other'} className={classes.row}>
              <dt>
                <span className={classes.swatch} style={{ background: color }} aria-hidden />
                {label}
              </dt>
              <dd>{formatUsd(series.amounts.get(day) ?? zeroUsd)}</dd>
            </div>
          ))}
          <div className={classes.total}>
            <dt>Total</dt>
            <dd>{formatUsd(stacked.totals.get(day) ?? zeroUsd)}</dd>
          </div>
        </dl>
      )}
    </div>
  );
}
