import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { Anchor, Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconMail, IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from 'react-router';
import { reportLimits } from '@contracts/reporting.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { PageHeader } from '@/ui/page-header.tsx';
import type { ChartKind } from './chart-kinds.ts';
import { QueryFaultNotice } from './query-fault.tsx';
import { ReportMailModal } from './report-mail-modal.tsx';
import { reportQueries } from './report-queries.ts';
import { ReportResultView } from './report-result.tsx';
import { changeReport, createReport } from './report-writes.ts';
import classes from './reports.module.css';
import { SaveReportModal } from './save-report-modal.tsx';
import { useLeaveGuard } from './use-leave-guard.ts';
import { useRunReport } from './use-run-report.ts';
import { ViewReference } from './view-reference.tsx';

export type OpenReport = {
  /** Of a saved one; what comes along, or is new, is saved as another. */
  id: string | undefined;
  name: string;
  description?: string;
  query: string;
  chart: ChartKind;
};

/** A query to write, run and keep, with the views that it can ask beside it. What is there already runs at once. */
export function ReportPage({ report }: { report: OpenReport }) {
  const { slug } = useOrganization();
  const [query, setQuery] = useState(report.query);
  const [chart, setChart] = useState(report.chart);
  const run = useRunReport();
  // The fault is of what was run, not of what is being typed since.
  const [asked, setAsked] = useState(report.query);
  const field = useRef<HTMLTextAreaElement>(null);
  const start = (): void => {
    if (run.isRunning || query.trim() === '') return;
    setAsked(query);
    run.run(query);
  };
  const runAtOnce = useEffectEvent(() => {
    if (report.query !== '') run.run(report.query);
  });
  useEffect(() => runAtOnce(), []);
  const insert = (text: string): void => {
    const { selectionStart: from = query.length, selectionEnd: to = query.length } = field.current ?? {};
    setQuery(`${query.slice(0, from)}${text}${query.slice(to)}`);
    field.current?.focus();
  };
  return (
    <>
      <PageHeader
        title={report.name}
        documentTitle={report.name}
        description={
          <>
            {report.description ?? 'Reads the views of this organization, nothing else.'}{' '}
            <Anchor component={Link} to={paths.reports(slug)} inherit>
              All reports
            </Anchor>
          </>
        }
        actions={
          <>
            {report.id !== undefined && <MailButton report={{ id: report.id, name: report.name }} />}
            <SaveButtons report={report} query={query} chart={chart} />
          </>
        }
      />
      <div className={classes.columns}>
        <Stack gap="md">
          <Textarea
            ref={field}
            label="Query"
            className={classes.query ?? ''}
            autosize
            minRows={6}
            maxRows={24}
            spellCheck={false}
            maxLength={reportLimits.queryLength}
            value={query}
            onChange={(event) => setQuery(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return;
              event.preventDefault();
              start();
            }}
          />
          <Group gap="sm">
            {run.isRunning ? (
              <Button
                variant="default"
                leftSection={<IconPlayerStop size={16} stroke={1.5} aria-hidden />}
                onClick={run.cancel}
              >
                Cancel
              </Button>
            ) : (
              <Button
                leftSection={<IconPlayerPlay size={16} stroke={1.5} aria-hidden />}
                disabled={query.trim() === ''}
                onClick={start}
              >
                Run
              </Button>
            )}
            <Text size="sm" c="dimmed" role="status">
              {run.isRunning ? 'Running…' : 'Ctrl or ⌘ and Enter runs it.'}
            </Text>
          </Group>
          <QueryFaultNotice error={run.error} query={asked} />
          {run.result !== undefined && (
            <ReportResultView result={run.result} name={report.name} chart={chart} onChart={setChart} />
          )}
        </Stack>
        <ViewReference onInsert={insert} />
      </div>
    </>
  );
}

function MailButton({ report }: { report: { id: string; name: string } }) {
  const [isMailing, mailing] = useDisclosure(false);
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconMail size={16} stroke={1.5} aria-hidden />}
        onClick={mailing.open}
      >
        Mail
      </Button>
      <ReportMailModal report={report} isOpen={isMailing} onClose={mailing.close} />
    </>
  );
}

type SaveButtonsProps = { report: OpenReport; query: string; chart: ChartKind };

function SaveButtons({ report, query, chart }: SaveButtonsProps) {
  const { id, slug } = useOrganization();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [isNaming, naming] = useDisclosure(false);
  const isChanged = query !== report.query || (report.id !== undefined && chart !== report.chart);
  const allowLeaving = useLeaveGuard(isChanged);
  const refresh = () => client.invalidateQueries({ queryKey: reportQueries.all(id) });
  const save = useMutation({
    mutationFn: (reportId: string) => changeReport(reportId, { query, chart }),
    onSuccess: () => notifyDone(`${report.name} was saved.`),
    onError: notifyError,
    onSettled: refresh,
  });
  const { id: savedId } = report;
  return (
    <>
      {savedId !== undefined && (
        <Button disabled={!isChanged} loading={save.isPending} onClick={() => save.mutate(savedId)}>
          Save
        </Button>
      )}
      <Button
        variant={savedId === undefined ? 'filled' : 'default'}
        disabled={query.trim() === ''}
        onClick={naming.open}
      >
        {savedId === undefined ? 'Save report' : 'Save as new'}
      </Button>
      <SaveReportModal
        title="Save report"
        initialName={
          savedId === undefined ? (report.query === '' ? '' : report.name) : `${report.name} (copy)`
        }
        isOpen={isNaming}
        onClose={naming.close}
        onSave={async (name) => {
          const reportId = await createReport(id, { name, query, chart });
          await refresh();
          naming.close();
          notifyDone(`${name} was saved.`);
          allowLeaving();
          await navigate(paths.report(slug, reportId));
        }}
      />
    </>
  );
}
