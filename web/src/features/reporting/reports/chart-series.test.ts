import { expect, test } from 'vitest';
import type { ReportResult } from '@contracts/reporting.ts';
import { figuresOf, otherSeries, toChartSeries } from './chart-series.ts';

const result = (columns: ReportResult['columns'], rows: ReportResult['rows']): ReportResult => ({
  columns,
  rows,
  isTruncated: false,
  durationMs: 1,
});
const day = { name: 'day', kind: 'time' } as const;
const model = { name: 'model', kind: 'text' } as const;
const cost = { name: 'cost_usd', kind: 'number' } as const;

test('[SER1] a text column after the first splits the figure into series, largest first', () => {
  const drawn = toChartSeries(
    result(
      [day, model, cost],
      [
        ['2026-11-01', 'small', '1'],
        ['2026-11-01', 'large', '5'],
        ['2026-11-02', 'large', '2'],
      ],
    ),
    'cost_usd',
  );
  expect(drawn?.series).toEqual(['large', 'small']);
  expect(drawn?.points).toEqual([
    { x: '2026-11-01', values: { small: 1, large: 5 } },
    { x: '2026-11-02', values: { large: 2 } },
  ]);
});

test('[SER2] beyond seven the rest is one series', () => {
  const rows = Array.from({ length: 9 }, (_, index) => ['2026-11-01', `m${index}`, String(10 - index)]);
  const drawn = toChartSeries(result([day, model, cost], rows), 'cost_usd');
  expect(drawn?.series).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', otherSeries]);
  expect(drawn?.points[0]?.values[otherSeries]).toBe(5);
});

test('[SER3] without a figure, without rows or with too many points there is no chart', () => {
  expect(toChartSeries(result([day, model], [['2026-11-01', 'm']]), 'cost_usd')).toBeNull();
  expect(toChartSeries(result([day, cost], []), 'cost_usd')).toBeNull();
  const many = Array.from({ length: 401 }, (_, index) => [String(index), '1']);
  expect(toChartSeries(result([model, cost], many), 'cost_usd')).toBeNull();
  expect(figuresOf(result([cost, model], []))).toEqual([]);
});
