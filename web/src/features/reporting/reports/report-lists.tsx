import { Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { type ReadyMadeReport, readyMadeReports } from './ready-made-reports.ts';
import { frequencyWords, toMailFrequency } from './mail-frequencies.ts';
import { ReportMenu } from './report-menu.tsx';
import { reportQueries, type SavedReport } from './report-queries.ts';

export function SavedReports({ reports }: { reports: readonly SavedReport[] }) {
  const { slug } = useOrganization();
  return (
    <Stack gap="sm" component="section" aria-label="Saved reports">
      <Title order={2}>Saved</Title>
      {reports.length === 0 ? (
        <Text c="dimmed">
          What you save will be here, for all owners and admins. Open one of those below, change it, and save
          it as yours.
        </Text>
      ) : (
        <DataTable
          label="Saved reports"
          rows={reports}
          columns={savedColumns}
          rowKey={({ id }) => id}
          rowHref={({ id }) => paths.report(slug, id)}
        />
      )}
    </Stack>
  );
}

const savedColumns: [Column<SavedReport>, ...Column<SavedReport>[]] = [
  { key: 'name', header: 'Report', cell: ({ name }) => name },
  {
    key: 'mailed',
    header: 'Mailed to you',
    width: 200,
    cell: ({ id }) => <Mailed reportId={id} />,
  },
  {
    key: 'updated',
    header: 'Changed',
    align: 'right',
    width: 160,
    cell: ({ updated_at }) => <RelativeTime at={updated_at} />,
  },
  {
    key: 'menu',
    header: 'Actions',
    isHeaderHidden: true,
    align: 'right',
    width: 56,
    cell: (report) => <ReportMenu report={report} />,
  },
];

function Mailed({ reportId }: { reportId: string }) {
  const { id } = useOrganization();
  const { data = [] } = useQuery(reportQueries.mails(id));
  const every = toMailFrequency(
    data.find(({ saved_report_id }) => saved_report_id === reportId)?.every ?? null,
  );
  return (
    <Text span inherit c="dimmed">
      {every === null ? 'Never' : frequencyWords[every]}
    </Text>
  );
}

export function ReadyMadeReports() {
  const { slug } = useOrganization();
  return (
    <Stack gap="sm" component="section" aria-label="Ready-made reports">
      <Title order={2}>Ready-made</Title>
      <DataTable
        label="Ready-made reports"
        rows={readyMadeReports}
        columns={readyMadeColumns}
        rowKey={({ id }) => id}
        rowHref={({ id }) => paths.report(slug, id)}
      />
    </Stack>
  );
}

const readyMadeColumns: [Column<ReadyMadeReport>, ...Column<ReadyMadeReport>[]] = [
  { key: 'name', header: 'Report', width: '32%', cell: ({ name }) => name },
  {
    key: 'description',
    header: 'What it says',
    isHiddenOnCards: true,
    cell: ({ description }) => (
      <Text span inherit c="dimmed">
        {description}
      </Text>
    ),
  },
];
