import { Button, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconReceipt } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { dayIn, formatDay, formatMonth } from '@/lib/dates.ts';
import { formatUsd } from '@/lib/money.ts';
import { formatCount } from '@/lib/numbers.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { AsyncView } from '@/ui/async-view.tsx';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { EmptyState } from '@/ui/empty-state.tsx';
import { PageHeader } from '@/ui/page-header.tsx';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { CloseMonthModal } from './close-month-modal.tsx';
import { type Statement, statementQueries } from './statement-queries.ts';

/** Months closed for good, and the one that comes next. */
export function StatementsPage() {
  const { canManage } = useOrganization();
  return canManage ? (
    <Statements />
  ) : (
    <>
      <PageHeader title="Statements" />
      <EmptyState
        icon={IconReceipt}
        title="Owners and admins read statements"
        description="They say what a month cost, by project, person and tag."
      />
    </>
  );
}

function Statements() {
  const { id } = useOrganization();
  const [isClosing, closing] = useDisclosure(false);
  const statements = useQuery(statementQueries.list(id));
  const next = useQuery(statementQueries.next(id)).data;
  const isDue = next?.is_over === true;
  return (
    <>
      <PageHeader
        title="Statements"
        description="What a month cost, by project, person and tag, closed for good. Later corrections appear in the next one."
        actions={
          isDue &&
          statements.data?.length !== 0 && (
            <Button onClick={closing.open}>Close {formatMonth(next.month)}</Button>
          )
        }
      />
      <AsyncView query={statements} skeleton={<TableSkeleton rows={4} label="Loading statements" />}>
        {(data) =>
          data.length === 0 ? (
            <EmptyState
              icon={IconReceipt}
              title="No month is closed yet."
              description={<Next />}
              action={isDue && <Button onClick={closing.open}>Close {formatMonth(next.month)}</Button>}
            />
          ) : (
            <>
              <StatementTable statements={data} />
              <Text size="sm" c="dimmed" mt="md">
                <Next />
              </Text>
            </>
          )
        }
      </AsyncView>
      {next && <CloseMonthModal month={next.month} isOpen={isClosing} onClose={closing.close} />}
    </>
  );
}

/** Which month comes next, where it cannot be closed yet. */
function Next() {
  const { id, timeZone } = useOrganization();
  const { data: next } = useQuery(statementQueries.next(id));
  if (next === undefined) return null;
  if (next === null) return 'The first month with a call can be closed once it is over.';
  if (next.is_over) return `${formatMonth(next.month)} is over and can be closed.`;
  return `${formatMonth(next.month)} can be closed from ${formatDay(dayIn(timeZone, new Date(next.ends_at)))} on.`;
}

const columns: [Column<Statement>, ...Column<Statement>[]] = [
  { key: 'month', header: 'Month', cell: ({ month }) => formatMonth(month) },
  { key: 'calls', header: 'Calls', align: 'right', cell: ({ calls }) => formatCount(calls) },
  { key: 'usage', header: 'Usage', align: 'right', cell: ({ usage_usd }) => formatUsd(usage_usd) },
  {
    key: 'adjustments',
    header: 'Adjustments',
    align: 'right',
    cell: ({ adjustments_usd }) => formatUsd(adjustments_usd),
  },
  { key: 'total', header: 'Total', align: 'right', cell: ({ total_usd }) => formatUsd(total_usd) },
  {
    key: 'closed',
    header: 'Closed',
    align: 'right',
    cell: ({ closed_at }) => <RelativeTime at={closed_at} />,
  },
];

function StatementTable({ statements }: { statements: readonly Statement[] }) {
  const { slug } = useOrganization();
  return (
    <DataTable
      label="Statements"
      rows={statements}
      columns={columns}
      rowKey={({ id }) => id}
      rowHref={({ id }) => paths.statement(slug, id)}
    />
  );
}
