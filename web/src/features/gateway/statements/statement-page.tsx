import { Button, Code, Group, Text, Title } from '@mantine/core';
import { IconArrowLeft, IconDownload, IconPrinter, IconReceipt } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { dayIn, formatDayLong, formatMonth } from '@/lib/dates.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { saveFile } from '@/lib/save-file.ts';
import { AsyncView } from '@/ui/async-view.tsx';
import { CopyButton } from '@/ui/copy-button.tsx';
import { EmptyState } from '@/ui/empty-state.tsx';
import { notifyError } from '@/ui/notify.ts';
import { PageHeader } from '@/ui/page-header.tsx';
import { PageSkeleton, TableSkeleton } from '@/ui/skeletons.tsx';
import { StatementFigures } from './statement-figures.tsx';
import { StatementLines } from './statement-lines.tsx';
import { type Statement, statementQueries } from './statement-queries.ts';
import { fetchStatementCsv } from './statement-writes.ts';
import classes from './statements.module.css';
import { usePrintLight } from './use-print-light.ts';

/** One closed month, as it is handed on: on paper, as a file, and with what proves that it is the same. */
export function StatementPage() {
  const { id } = useOrganization();
  const { statementId } = useParams();
  const statements = useQuery(statementQueries.list(id));
  return (
    <AsyncView query={statements} skeleton={<PageSkeleton />}>
      {(data) => {
        const statement = data.find((each) => each.id === statementId);
        return statement ? <Loaded statement={statement} /> : <Missing />;
      }}
    </AsyncView>
  );
}

function Missing() {
  const { slug } = useOrganization();
  return (
    <>
      <PageHeader title="Statement" />
      <EmptyState
        icon={IconReceipt}
        title="This statement is not there."
        description="The address may be mistyped, or belong to another organization."
        action={
          <Button component={Link} to={paths.statements(slug)} variant="default">
            All statements
          </Button>
        }
      />
    </>
  );
}

function Loaded({ statement }: { statement: Statement }) {
  const { id, slug, name, timeZone } = useOrganization();
  const lines = useQuery(statementQueries.lines(id, statement.id));
  usePrintLight();
  const month = formatMonth(statement.month);
  return (
    <>
      <Button
        component={Link}
        to={paths.statements(slug)}
        variant="subtle"
        color="gray"
        size="compact-sm"
        mb={8}
        ml={-8}
        className={classes.actions ?? ''}
        leftSection={<IconArrowLeft size={16} stroke={1.5} aria-hidden />}
      >
        Statements
      </Button>
      <PageHeader
        title={month}
        documentTitle={`Statement ${month}`}
        description={`Statement of ${name}, closed ${formatDayLong(dayIn(timeZone, new Date(statement.closed_at)))}${
          statement.closed_by_email === null ? '' : ` by ${statement.closed_by_email}`
        }. Days in ${statement.time_zone}.`}
        actions={<Actions statement={statement} />}
      />
      <StatementFigures of={statement} />
      <AsyncView query={lines} skeleton={<TableSkeleton rows={8} label="Loading the statement" />}>
        {(data) =>
          data.length === 0 ? (
            <Text c="dimmed">
              Nothing was spent in this month, and nothing of earlier ones was corrected.
            </Text>
          ) : (
            <StatementLines month={statement.month} lines={data} />
          )
        }
      </AsyncView>
      <Checksum statement={statement} />
    </>
  );
}

const fileNameOf = (slug: string, { month }: Statement): string =>
  `${slug}-statement-${month.slice(0, 7)}.csv`;

function Actions({ statement }: { statement: Statement }) {
  const { slug } = useOrganization();
  const download = useMutation({
    mutationFn: async () => {
      const csv = await fetchStatementCsv(statement.id);
      saveFile(new Blob([csv], { type: 'text/csv;charset=utf-8' }), fileNameOf(slug, statement));
    },
    onError: notifyError,
  });
  return (
    <Group gap="xs" className={classes.actions ?? ''}>
      <Button
        variant="default"
        leftSection={<IconPrinter size={16} stroke={1.5} aria-hidden />}
        onClick={() => window.print()}
      >
        Print
      </Button>
      <Button
        variant="default"
        leftSection={<IconDownload size={16} stroke={1.5} aria-hidden />}
        loading={download.isPending}
        onClick={() => download.mutate()}
      >
        Download CSV
      </Button>
    </Group>
  );
}

function Checksum({ statement }: { statement: Statement }) {
  const { slug } = useOrganization();
  return (
    <section aria-label="Checksum">
      <Title order={2}>Checksum</Title>
      <Text size="sm" c="dimmed" mb={4}>
        The SHA-256 of the CSV file, byte for byte. Whoever has the file can check it:{' '}
        <Code>sha256sum {fileNameOf(slug, statement)}</Code>
      </Text>
      <Group gap={4} wrap="nowrap" align="center">
        <Code className={classes.checksum ?? ''} aria-label="SHA-256">
          {statement.checksum}
        </Code>
        <span className={classes.actions}>
          <CopyButton value={statement.checksum} label="Copy checksum" />
        </span>
      </Group>
    </section>
  );
}
