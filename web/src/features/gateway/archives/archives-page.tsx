import { Box, Progress, Text } from '@mantine/core';
import { IconArchive } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { formatDay } from '@/lib/dates.ts';
import { formatUsd } from '@/lib/money.ts';
import { formatCompact, formatCount, formatPlural } from '@/lib/numbers.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { EmptyState } from '@/ui/empty-state.tsx';
import { PageHeader } from '@/ui/page-header.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { HistoryNote } from '../history/history-note.tsx';
import { useHistoryStart } from '../history/use-history-start.ts';
import { type ArchivedMonth, archiveQueries, isRestoring } from './archive-queries.ts';
import { MonthMenu } from './month-menu.tsx';

/** The months whose calls are in archives: to load, or to bring back for a time. */
export function ArchivesPage() {
  const { id, canManage } = useOrganization();
  const months = useQuery({ ...archiveQueries.months(id), enabled: canManage });
  const historyStartsAt = useHistoryStart();
  return (
    <>
      <PageHeader
        title="Archives"
        description="Calls older than 90 days leave the list on Usage and are kept here, by month, for two years. Charts and totals go on counting them."
      />
      {canManage ? (
        <AsyncView query={months} skeleton={<TableSkeleton rows={4} label="Loading archives" />}>
          {(data) => (data.length === 0 ? <NoArchives /> : <Months months={data} />)}
        </AsyncView>
      ) : (
        <EmptyState icon={IconArchive} title="Owners and admins see the archives." />
      )}
      <Box mt="md">
        <HistoryNote historyStartsAt={historyStartsAt} />
      </Box>
    </>
  );
}

const NoArchives = () => (
  <EmptyState
    icon={IconArchive}
    title="Months will be listed here once they are archived."
    description="A month is archived when all of its calls are older than 90 days."
  />
);

const columns: [Column<ArchivedMonth>, ...Column<ArchivedMonth>[]] = [
  { key: 'month', header: 'Month (UTC)', cell: ({ month }) => nameOf(month) },
  { key: 'state', header: 'State', width: '30%', cell: (archive) => <State archive={archive} /> },
  { key: 'calls', header: 'Calls', align: 'right', cell: ({ calls }) => formatCount(calls) },
  { key: 'cost', header: 'Cost', align: 'right', cell: ({ costUsd }) => formatUsd(costUsd) },
  {
    key: 'size',
    header: 'Size',
    align: 'right',
    cell: ({ bytes, parts }) => `${formatCompact(bytes)}B in ${formatPlural(parts, 'part')}`,
  },
  {
    key: 'menu',
    header: 'Actions',
    isHeaderHidden: true,
    align: 'right',
    width: 56,
    cell: (archive) => <MonthMenu archive={archive} name={nameOf(archive.month)} />,
  },
];

const Months = ({ months }: { months: readonly ArchivedMonth[] }) => (
  <DataTable label="Archives" rows={months} columns={columns} rowKey={({ month }) => month} />
);

function State({ archive }: { archive: ArchivedMonth }) {
  const { restore } = archive;
  if (restore === undefined) return 'Archived';
  if (restore.error !== null) {
    return (
      <Text span inherit c="red">
        Could not be restored. Try again.
      </Text>
    );
  }
  if (!isRestoring(archive)) return `On Usage until ${formatDay(restore.restored_until.slice(0, 10))}`;
  const label = `Restoring part ${restore.parts_done + 1} of ${restore.parts}`;
  return (
    <>
      {label}
      <Progress
        size="sm"
        mt={4}
        value={(restore.parts_done / restore.parts) * 100}
        animated
        aria-label={label}
      />
    </>
  );
}

const nameOf = (month: string): string =>
  new Intl.DateTimeFormat('en-US', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(`${month}T00:00:00Z`),
  );
