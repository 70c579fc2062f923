import type { ReactNode } from 'react';
import { Text } from '@mantine/core';
import {
  Bar,
  BarChart,
  CartesianGrid,
  Legend,
  Line,
  LineChart,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { formatDay, isDay } from '@/lib/dates.ts';
import { formatUsd, formatUsdTick } from '@/lib/money.ts';
import { formatCompact, formatCount } from '@/lib/numbers.ts';
import { niceTicks } from '@/ui/charts/nice-ticks.ts';
import { assignSeriesColors, otherColor } from '@/ui/charts/series-colors.ts';
import { type ChartSeries, otherSeries } from './chart-series.ts';

type ReportChartProps = { chart: ChartSeries; kind: 'bars' | 'lines'; label: string };

/** What a report answers as stacked bars or lines; the table below it has the figures. */
export function ReportChart({ chart, kind, label }: ReportChartProps) {
  const { figure, series, points } = chart;
  const colorOf = assignSeriesColors(series.filter((key) => key !== otherSeries));
  const isMoney = figure.endsWith('_usd');
  const showTick = isMoney ? formatUsdTick : formatCompact;
  const [lowest, highest] = boundsOf(chart, kind);
  const ticks = niceTicks(highest);
  const marks = series.map((key) => {
    const color = key === otherSeries ? otherColor : colorOf(key);
    const common = {
      name: key,
      dataKey: ({ values }: ChartSeries['points'][number]) => values[key] ?? (kind === 'bars' ? 0 : null),
      isAnimationActive: false,
    };
    return kind === 'bars' ? (
      <Bar {...common} key={key} stackId="all" fill={color} maxBarSize={48} />
    ) : (
      <Line {...common} key={key} stroke={color} dot={points.length < 40} strokeWidth={2} connectNulls />
    );
  });
  return (
    <figure aria-label={label} style={{ margin: 0 }}>
      <Text size="xs" c="dimmed" mb="xs">
        {figure}
      </Text>
      <Frame kind={kind} points={points}>
        <CartesianGrid vertical={false} stroke="var(--hq-line)" />
        <XAxis
          dataKey="x"
          tickFormatter={showX}
          tickLine={false}
          axisLine={{ stroke: 'var(--hq-line-strong)' }}
          minTickGap={28}
          tickMargin={8}
          tick={tick}
        />
        <YAxis
          tickFormatter={showTick}
          tickLine={false}
          axisLine={false}
          width={widthOf(ticks.map(showTick))}
          // Round numbers start from zero: what is below it is left to the chart itself.
          {...(lowest < 0 ? {} : { ticks, domain: [0, ticks.at(-1) ?? 0], interval: 0 })}
          tick={tick}
        />
        <Tooltip
          cursor={{ fill: 'var(--hq-hover)' }}
          isAnimationActive={false}
          labelFormatter={(x) => (typeof x === 'string' ? showX(x) : x)}
          formatter={(value) => (isMoney ? formatUsd(Number(value).toFixed(10)) : formatCount(Number(value)))}
          contentStyle={tooltip}
          itemSorter={(item) => -Number(item.value)}
        />
        {series.length > 1 && (
          <Legend wrapperStyle={{ fontSize: 12 }} formatter={(name) => <LegendName name={String(name)} />} />
        )}
        {marks}
      </Frame>
    </figure>
  );
}

type FrameProps = { kind: 'bars' | 'lines'; points: ChartSeries['points']; children: ReactNode };

function Frame({ kind, points, children }: FrameProps) {
  const Chart = kind === 'bars' ? BarChart : LineChart;
  return (
    <ResponsiveContainer width="100%" height={300} initialDimension={{ width: 640, height: 300 }}>
      <Chart data={points} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} accessibilityLayer>
        {children}
      </Chart>
    </ResponsiveContainer>
  );
}

/** In the text's color: the swatch beside it has the series'. */
function LegendName({ name }: { name: string }) {
  return (
    <Text span size="xs" c="dimmed">
      {name}
    </Text>
  );
}

/** The least and the greatest that is drawn: bars stand on each other. */
function boundsOf({ points }: ChartSeries, kind: 'bars' | 'lines'): [number, number] {
  const drawn = points.flatMap(({ values }) => {
    const amounts = Object.values(values);
    return kind === 'bars' ? [amounts.reduce((sum, amount) => sum + amount, 0)] : amounts;
  });
  return [Math.min(...drawn), Math.max(...drawn)];
}

/** As in the other charts: not measured, for the font may not be there yet. */
const widthOf = (labels: readonly string[]): number =>
  Math.max(...labels.map(({ length }) => length)) * 7.5 + 8;

const showX = (x: string): string => (isDay(x) ? formatDay(x) : x.length > 24 ? `${x.slice(0, 23)}…` : x);
const tick = { fontSize: 12, fill: 'var(--mantine-color-dimmed)' };
const tooltip = {
  background: 'var(--mantine-color-body)',
  border: '1px solid var(--hq-line-strong)',
  borderRadius: 'var(--mantine-radius-md)',
  fontSize: 12,
};
