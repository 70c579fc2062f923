import { Button, Stack } from '@mantine/core';
import { IconPlus, IconReportAnalytics } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { AsyncView } from '@/ui/async-view.tsx';
import { EmptyState } from '@/ui/empty-state.tsx';
import { PageHeader } from '@/ui/page-header.tsx';
import { PageSkeleton, TableSkeleton } from '@/ui/skeletons.tsx';
import { ReportingLogins } from '../logins/reporting-logins.tsx';
import { toChartKind } from './chart-kinds.ts';
import { readyMadeReports } from './ready-made-reports.ts';
import { ReadyMadeReports, SavedReports } from './report-lists.tsx';
import { ReportPage } from './report-page.tsx';
import { reportQueries } from './report-queries.ts';

const description = 'Questions in SQL about calls, costs and limits, asked here or from your own tools.';

/** The list of reports, or the one that the address names: a saved one, one that comes along, or a new one. */
export function ReportsPage() {
  const { canManage } = useOrganization();
  const { reportId } = useParams();
  if (!canManage) {
    return (
      <>
        <PageHeader title="Reports" description={description} />
        <EmptyState
          icon={IconReportAnalytics}
          title="Owners and admins work with reports"
          description="Ask one of them for figures that Overview and Usage do not show. The members page shows who they are."
        />
      </>
    );
  }
  return reportId === undefined ? <AllReports /> : <OneReport key={reportId} reportId={reportId} />;
}

function AllReports() {
  const { id, slug } = useOrganization();
  return (
    <>
      <PageHeader
        title="Reports"
        description={description}
        actions={
          <Button
            component={Link}
            to={paths.report(slug, 'new')}
            leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
          >
            New report
          </Button>
        }
      />
      <Stack gap="xl">
        <AsyncView
          query={useQuery(reportQueries.list(id))}
          skeleton={<TableSkeleton rows={2} label="Loading reports" />}
        >
          {(reports) => <SavedReports reports={reports} />}
        </AsyncView>
        <ReadyMadeReports />
        <ReportingLogins />
      </Stack>
    </>
  );
}

function OneReport({ reportId }: { reportId: string }) {
  const readyMade = readyMadeReports.find(({ id }) => id === reportId);
  if (reportId === 'new') {
    return <ReportPage report={{ id: undefined, name: 'New report', query: '', chart: 'none' }} />;
  }
  if (readyMade !== undefined) return <ReportPage report={{ ...readyMade, id: undefined }} />;
  return <SavedReportPage reportId={reportId} />;
}

function SavedReportPage({ reportId }: { reportId: string }) {
  const { id, slug } = useOrganization();
  return (
    <AsyncView query={useQuery(reportQueries.list(id))} skeleton={<PageSkeleton />}>
      {(reports) => {
        const report = reports.find((each) => each.id === reportId);
        return report === undefined ? (
          <>
            <PageHeader title="Reports" description={description} />
            <EmptyState
              icon={IconReportAnalytics}
              title="This report is not there"
              description="A colleague may have deleted it."
              action={
                <Button component={Link} to={paths.reports(slug)}>
                  All reports
                </Button>
              }
            />
          </>
        ) : (
          <ReportPage report={{ ...report, chart: toChartKind(report.chart) }} />
        );
      }}
    </AsyncView>
  );
}
