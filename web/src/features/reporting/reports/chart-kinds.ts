export const chartKinds = ['none', 'bars', 'lines'] as const;
export type ChartKind = (typeof chartKinds)[number];

export const chartWords: Readonly<Record<ChartKind, string>> = {
  none: 'Table',
  bars: 'Bars',
  lines: 'Lines',
};

export const toChartKind = (text: string): ChartKind => chartKinds.find((kind) => kind === text) ?? 'none';
