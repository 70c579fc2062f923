import { useState } from 'react';
import { Skeleton } from '@mantine/core';
import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { useNavigate } from 'react-router';
import { type Day, formatDay } from '@/lib/dates.ts';
import { formatUsdTick, isZeroUsd, lengthOfUsd, zeroUsd } from '@/lib/money.ts';
import { ChartTable } from './chart-table.tsx';
import { ChartTooltip } from './chart-tooltip.tsx';
import { niceTicks } from './nice-ticks.ts';
import type { NamedSeries, Series, StackedDays } from './stack-series.ts';
import classes from './spend-by-day.module.css';

type SpendByDayProps = {
  stacked: StackedDays;
  /** What is shown, for screen readers, e.g. `Spend by day and model`. */
  label: string;
  seriesLabel: (key: string | null) => string;
  seriesColor: (key: string | null) => string;
  /** Where a day's details are; a click on it leads there. */
  dayHref: (day: Day) => string;
  /** The table that stands behind the chart, in its place. */
  isTable?: boolean;
};

/** Dollars per day in stacked bars, dearest series at the bottom. */
export function SpendByDay({ stacked, label, seriesLabel, seriesColor, dayHref, isTable }: SpendByDayProps) {
  const [highlighted, highlight] = useState<Series | undefined>();
  const named = stacked.series.map((series) => ({
    series,
    label: seriesLabel(series.key),
    color: seriesColor(series.key),
  }));
  if (isTable) return <ChartTable stacked={stacked} label={label} named={named} dayHref={dayHref} />;
  return (
    <figure className={classes.figure} aria-label={label}>
      <Bars stacked={stacked} named={named} highlighted={highlighted} dayHref={dayHref} />
      <Legend named={named} highlighted={highlighted} onHighlight={highlight} />
    </figure>
  );
}

type LegendProps = {
  named: readonly NamedSeries[];
  highlighted: Series | undefined;
  onHighlight: (series: Series | undefined) => void;
};

/** Pointing at a name, or choosing it by keyboard, dims the other series. */
function Legend({ named, highlighted, onHighlight }: LegendProps) {
  return (
    <ul className={classes.legend} aria-label="Legend">
      {named.map(({ series, label, color }) => {
        const isHighlighted = highlighted?.key === series.key;
        return (
          <li key={series.key ?? '\0other'}>
            <button
              type="button"
              className={classes.legendItem}
              aria-pressed={isHighlighted}
              onMouseEnter={() => onHighlight(series)}
              onMouseLeave={() => onHighlight(undefined)}
              onClick={() => onHighlight(isHighlighted ? undefined : series)}
              onBlur={() => onHighlight(undefined)}
            >
              <span className={classes.swatch} style={{ background: color }} aria-hidden />
              {label}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

type BarsProps = {
  stacked: StackedDays;
  named: readonly NamedSeries[];
  highlighted: Series | undefined;
  dayHref: (day: Day) => string;
};

function Bars({ stacked, named, highlighted, dayHref }: BarsProps) {
  const navigate = useNavigate();
  const data = stacked.days.map((day) => ({ day }));
  const ticks = niceTicks(Math.max(...[...stacked.totals.values()].map(lengthOfUsd)));
  const select = (state: { activeLabel?: string | number | undefined }): void => {
    const day = state.activeLabel;
    if (typeof day === 'string' && !isZeroUsd(stacked.totals.get(day) ?? zeroUsd))
      void navigate(dayHref(day));
  };
  return (
    <ResponsiveContainer width="100%" height={260} initialDimension={{ width: 640, height: 260 }}>
      <BarChart
        data={data}
        margin={{ top: 8, right: 0, bottom: 0, left: 0 }}
        barCategoryGap={stacked.days.length > 45 ? 1 : '22%'}
        accessibilityLayer
        onClick={select}
        className={classes.clickable ?? ''}
      >
        <CartesianGrid vertical={false} stroke="var(--hq-line)" />
        <XAxis
          dataKey="day"
          tickFormatter={(day: Day) => formatDay(day)}
          tickLine={false}
          axisLine={{ stroke: 'var(--hq-line-strong)' }}
          minTickGap={28}
          tickMargin={8}
          tick={tick}
        />
        <YAxis
          tickFormatter={formatUsdTick}
          tickLine={false}
          axisLine={false}
          width={widthOf(ticks)}
          ticks={ticks}
          domain={[0, ticks.at(-1) ?? 0]}
          interval={0}
          tick={tick}
        />
        <Tooltip
          cursor={{ fill: 'var(--hq-hover)' }}
          isAnimationActive={false}
          content={({ active, label: day }) =>
            active && typeof day === 'string' ? (
              <ChartTooltip day={day} stacked={stacked} named={named} />
            ) : null
          }
        />
        {named.map(({ series, label, color }) => (
          <Bar
            key={series.key ?? '\0other'}
            dataKey={({ day }: { day: Day }) => lengthOfUsd(series.amounts.get(day) ?? zeroUsd)}
            name={label}
            stackId="spend"
            fill={color}
            // A hairline in the surface's color keeps neighbours apart without relying on hue.
            stroke="var(--hq-surface)"
            strokeWidth={stacked.days.length > 45 ? 0 : 0.5}
            fillOpacity={highlighted !== undefined && highlighted.key !== series.key ? 0.25 : 1}
            maxBarSize={48}
            // Live figures would set it moving every second.
            isAnimationActive={false}
          />
        ))}
      </BarChart>
    </ResponsiveContainer>
  );
}

const tick = { fontSize: 12, fill: 'var(--mantine-color-dimmed)' };

/** Not measured: whoever measures before the font is there cuts off the dollar sign. */
const widthOf = (ticks: readonly number[]): number =>
  Math.max(...ticks.map((each) => formatUsdTick(each).length)) * 7.5 + 8;

/** As tall as the chart with a legend of one line. */
export function SpendByDaySkeleton() {
  return (
    <div role="status" aria-label="Loading chart">
      <Skeleton height={260} />
      <Skeleton height={16} width="60%" mt={14} />
    </div>
  );
}
