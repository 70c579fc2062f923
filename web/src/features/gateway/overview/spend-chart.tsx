import { useMemo, useState } from 'react';
import { ActionIcon, SegmentedControl, Text, Title, Tooltip } from '@mantine/core';
import { IconChartBar, IconChartHistogram, IconTable } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import type { Day } from '@/lib/dates.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { otherColor } from '@/ui/charts/series-colors.ts';
import { SpendByDay, SpendByDaySkeleton } from '@/ui/charts/spend-by-day.tsx';
import { stackSeries } from '@/ui/charts/stack-series.ts';
import { EmptyState } from '@/ui/empty-state.tsx';
import { reportQueries } from '../reports/report-queries.ts';
import { useLedgerNames } from '../reports/use-ledger-names.ts';
import { usagePath } from '../usage/usage-filters.ts';
import type { OverviewSpans } from './overview-spans.ts';
import classes from './overview.module.css';

const dimensions = { model: 'Model', project: 'Project' } as const;
type ChartDimension = keyof typeof dimensions;

export function SpendChart({ spans, days }: { spans: OverviewSpans; days: number }) {
  const { id } = useOrganization();
  const [search, setSearch] = useSearchParams();
  const [isTable, setTable] = useState(false);
  const dimension: ChartDimension = search.get('by') === 'project' ? 'project' : 'model';
  const choose = (by: string): void =>
    setSearch(
      (before) => {
        before.set('by', by);
        return before;
      },
      { replace: true, preventScrollReset: true },
    );
  const rows = useQuery({
    ...reportQueries.breakdown(id, { ...spans.current, dimension, byDay: true }),
    // Another range may stand there for a moment, another dimension's names may not.
    placeholderData: (last, query) => (query?.queryKey.includes(dimension) ? last : undefined),
  });
  return (
    <section aria-label="Spend by day">
      <div className={classes.chartHead}>
        <Title order={2}>Spend by day</Title>
        <div className={classes.rangeHead}>
          <SegmentedControl
            size="xs"
            aria-label="Stacked by"
            value={dimension}
            onChange={choose}
            data={Object.entries(dimensions).map(([value, label]) => ({ value, label }))}
          />
          <Tooltip label={isTable ? 'Show as chart' : 'Show as table'}>
            <ActionIcon
              variant="default"
              size={30}
              onClick={() => setTable(!isTable)}
              aria-label={isTable ? 'Show as chart' : 'Show as table'}
            >
              {isTable ? <IconChartBar size={16} stroke={1.5} /> : <IconTable size={16} stroke={1.5} />}
            </ActionIcon>
          </Tooltip>
        </div>
      </div>
      <AsyncView query={rows} skeleton={<SpendByDaySkeleton />}>
        {(data) => <Chart rows={data} spans={spans} dimension={dimension} days={days} isTable={isTable} />}
      </AsyncView>
    </section>
  );
}

type ChartProps = {
  rows: readonly { day: string; key: string; cost_usd: string }[];
  spans: OverviewSpans;
  dimension: ChartDimension;
  days: number;
  isTable: boolean;
};

function Chart({ rows, spans, dimension, days, isTable }: ChartProps) {
  const { slug, timeZone } = useOrganization();
  const names = useLedgerNames();
  const { firstDay, lastDay } = spans;
  const stacked = useMemo(
    () =>
      stackSeries(
        rows.map(({ day, key, cost_usd }) => ({ day, key, amount: cost_usd })),
        firstDay,
        lastDay,
      ),
    [rows, firstDay, lastDay],
  );
  if (stacked.series.length === 0) {
    return (
      <EmptyState
        icon={IconChartHistogram}
        title={`Nothing was spent in the last ${days} days.`}
        description="Choose a longer range, or make a call with one of your keys."
      />
    );
  }
  const label = (key: string | null): string => {
    if (key === null) return 'Other';
    return dimension === 'model' ? key : names.project(key);
  };
  const color = (key: string | null): string => {
    if (key === null) return otherColor;
    return dimension === 'model' ? names.modelColor(key) : names.projectColor(key);
  };
  return (
    <>
      <SpendByDay
        stacked={stacked}
        label={`Spend by day and ${dimension}`}
        seriesLabel={label}
        seriesColor={color}
        isTable={isTable}
        dayHref={(day: Day) => usagePath(slug, { from: day, to: day })}
      />
      <Text size="xs" c="dimmed" mt={8}>
        Days in {timeZone.replaceAll('_', ' ')}, the organization’s time zone.
      </Text>
    </>
  );
}
