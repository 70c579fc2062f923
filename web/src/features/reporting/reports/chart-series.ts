import type { ReportResult } from '@contracts/reporting.ts';

export type ChartSeries = {
  /** The column that the values are of. */
  figure: string;
  series: string[];
  points: { x: string; values: Record<string, number> }[];
};

const mostSeries = 7;
const mostPoints = 400;
export const otherSeries = 'Other';

/** The columns that could be drawn. */
export const figuresOf = ({ columns }: ReportResult): string[] =>
  columns.flatMap(({ name, kind }, index) => (kind === 'number' && index > 0 ? [name] : []));

/**
 * The first column is where, a text column after it is what of (largest first, the rest as one), and `figure` is how
 * much. Null where that makes no chart.
 */
export function toChartSeries(result: ReportResult, figure: string): ChartSeries | null {
  const figureIndex = result.columns.findIndex(
    ({ name, kind }, index) => index > 0 && kind === 'number' && name === figure,
  );
  if (figureIndex < 0 || result.rows.length === 0) return null;
  const isSplit = result.columns[1]?.kind === 'text';
  const amounts = result.rows.map((row) => ({
    x: row[0] ?? '',
    key: isSplit ? (row[1] ?? '(none)') : figure,
    amount: Number(row[figureIndex] ?? 0),
  }));
  const totals = new Map<string, number>();
  for (const { key, amount } of amounts) totals.set(key, (totals.get(key) ?? 0) + amount);
  const ranked = [...totals].toSorted(([, left], [, right]) => right - left).map(([key]) => key);
  const named = new Set(ranked.slice(0, mostSeries));
  const points = [...Map.groupBy(amounts, ({ x }) => x)].map(([x, own]) => {
    const values: Record<string, number> = {};
    for (const { key, amount } of own) {
      const name = named.has(key) ? key : otherSeries;
      values[name] = (values[name] ?? 0) + amount;
    }
    return { x, values };
  });
  if (points.length > mostPoints) return null;
  return { figure, series: ranked.length > mostSeries ? [...named, otherSeries] : ranked, points };
}
