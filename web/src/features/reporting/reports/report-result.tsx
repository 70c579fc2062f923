import { useState } from 'react';
import { Button, Group, SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ReportResult } from '@contracts/reporting.ts';
import { toFileName } from '@contracts/to-file-name.ts';
import { dayIn, viewerTimeZone } from '@/lib/dates.ts';
import { formatLatency, formatPlural } from '@/lib/numbers.ts';
import { saveFile } from '@/lib/save-file.ts';
import { type ChartKind, chartKinds, chartWords, toChartKind } from './chart-kinds.ts';
import { figuresOf, toChartSeries } from './chart-series.ts';
import { ReportChart } from './report-chart.tsx';
import { toReportCsv } from './report-csv.ts';
import { ReportTable } from './report-table.tsx';

type ReportResultViewProps = {
  result: ReportResult;
  /** Names the file and the chart. */
  name: string;
  chart: ChartKind;
  onChart: (chart: ChartKind) => void;
};

/** What a query answered: how much, drawn if that is wanted, and as a table. */
export function ReportResultView({ result, name, chart, onChart }: ReportResultViewProps) {
  const figures = figuresOf(result);
  const [chosen, choose] = useState<string | null>(null);
  const figure = figures.find((each) => each === chosen) ?? figures[0];
  const series = chart === 'none' || figure === undefined ? null : toChartSeries(result, figure);
  return (
    <Stack gap="md" component="section" aria-label="Result">
      <Group justify="space-between" gap="sm">
        <Text size="sm" c="dimmed">
          {result.isTruncated
            ? `The first ${formatPlural(result.rows.length, 'row')}: there are more`
            : formatPlural(result.rows.length, 'row')}
          {`, ${formatLatency(result.durationMs)}`}
        </Text>
        <Group gap="xs">
          {series !== null && figures.length > 1 && (
            <Select
              size="xs"
              w={150}
              aria-label="Figure"
              data={figures}
              value={figure ?? null}
              onChange={choose}
            />
          )}
          <SegmentedControl
            size="xs"
            aria-label="Show as"
            value={chart}
            onChange={(value) => onChart(toChartKind(value))}
            data={chartKinds.map((value) => ({ value, label: chartWords[value] }))}
          />
          <Button
            size="xs"
            variant="default"
            leftSection={<IconDownload size={14} stroke={1.5} aria-hidden />}
            disabled={result.rows.length === 0}
            onClick={() =>
              saveFile(toReportCsv(result), `${toFileName(name)}-${dayIn(viewerTimeZone(), new Date())}.csv`)
            }
          >
            Download CSV
          </Button>
        </Group>
      </Group>
      {chart !== 'none' && series === null && result.rows.length > 0 && (
        <Text size="sm" c="dimmed">
          This cannot be drawn: a chart needs a number after the first column, and at most 400 different
          values in the first.
        </Text>
      )}
      {chart !== 'none' && series !== null && (
        <ReportChart chart={series} kind={chart} label={`Chart of ${name}`} />
      )}
      <ReportTable result={result} />
    </Stack>
  );
}
