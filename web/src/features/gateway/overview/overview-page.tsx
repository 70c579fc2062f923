import { Group, SegmentedControl, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { useOrganization } from '@/lib/organization.tsx';
import { useQuarter } from '@/lib/use-now.ts';
import { PageHeader } from '@/ui/page-header.tsx';
import { SandboxBadge } from '@/ui/sandbox-badge.tsx';
import { credentialQueries, usesSandbox } from '../credentials/credential-queries.ts';
import { FreezeNotice } from '../freezes/freeze-notice.tsx';
import { HistoryNote } from '../history/history-note.tsx';
import { reportQueries } from '../reports/report-queries.ts';
import { spendStatusQueries } from '../spend/spend-status-queries.ts';
import { useLiveUsage } from '../spend/use-live-usage.ts';
import { FirstSteps } from './first-steps.tsx';
import classes from './overview.module.css';
import { overviewSpans, parseRangeDays, rangeDays, visibleRanges } from './overview-spans.ts';
import { SpendChart } from './spend-chart.tsx';
import { SpendNow } from './spend-now.tsx';
import { TopLists } from './top-lists.tsx';
import { Totals } from './totals.tsx';

export function OverviewPage() {
  const { id, name } = useOrganization();
  const { data: credentials } = useQuery(credentialQueries.list(id));
  const { data: status } = useQuery(spendStatusQueries.current(id));
  return (
    <>
      <LiveReports />
      <PageHeader
        title="Overview"
        actions={credentials && usesSandbox(credentials) ? <SandboxBadge /> : undefined}
      />
      <FreezeNotice id={id} name={name} />
      <div className={classes.page}>
        <SpendNow />
        {status?.firstCallAt === null && <FirstSteps />}
        {status?.firstCallAt && <Range historyStartsAt={status.historyStartsAt} />}
      </div>
    </>
  );
}

/** Keeps the reports true. Nothing of its own, so that nothing else is drawn again when the status changes. */
function LiveReports() {
  const { id } = useOrganization();
  const client = useQueryClient();
  useLiveUsage(() => client.invalidateQueries({ queryKey: reportQueries.all(id) }));
  return null;
}

function Range({ historyStartsAt }: { historyStartsAt: Date | null }) {
  const { timeZone } = useOrganization();
  const [search, setSearch] = useSearchParams();
  const now = useQuarter();
  const visible = visibleRanges(timeZone, now, historyStartsAt);
  const days = parseRangeDays(search.get('days'), visible);
  const spans = overviewSpans(timeZone, days, now);
  const choose = (value: string): void =>
    setSearch(
      (before) => {
        before.set('days', value);
        return before;
      },
      { replace: true, preventScrollReset: true },
    );
  return (
    <div className={classes.range}>
      <Group justify="space-between">
        <Title order={2}>Last {days} days</Title>
        <SegmentedControl
          size="xs"
          aria-label="Range"
          value={String(days)}
          onChange={choose}
          data={rangeDays.map((count) => ({
            value: String(count),
            label: `${count} days`,
            disabled: !visible.includes(count),
          }))}
        />
      </Group>
      {visible.length < rangeDays.length && <HistoryNote historyStartsAt={historyStartsAt} />}
      <Totals spans={spans} days={days} />
      <SpendChart spans={spans} days={days} />
      <TopLists spans={spans} />
    </div>
  );
}
