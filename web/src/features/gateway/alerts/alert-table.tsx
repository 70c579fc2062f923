import { Text } from '@mantine/core';
import { describeAlert } from '@contracts/describe-alert.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { RelativeTime } from '@/ui/relative-time.tsx';
import type { AlertRow } from './alert-queries.ts';
import { describeKind } from './alert-words.ts';
import classes from './alerts.module.css';
import { Severity } from './severity.tsx';

type AlertTableProps = {
  alerts: readonly AlertRow[];
  /** The filters, kept in the address of what is opened. */
  query: string;
};

export function AlertTable({ alerts, query }: AlertTableProps) {
  const { slug } = useOrganization();
  return (
    <DataTable
      label="Alerts"
      rows={alerts}
      columns={columns}
      rowKey={({ id }) => String(id)}
      rowHref={({ id }) => `${paths.alert(slug, id)}${query}`}
    />
  );
}

const columns: [Column<AlertRow>, ...Column<AlertRow>[]] = [
  {
    key: 'title',
    header: 'What',
    cell: (alert) => (
      <span className={classes.title} data-unseen={alert.seen_at === null || undefined}>
        <span>{describeAlert(alert).title}</span>
        <Text span size="xs" c="dimmed">
          {describeKind(alert.kind)}
        </Text>
      </span>
    ),
  },
  {
    key: 'severity',
    header: 'Severity',
    width: 120,
    cell: ({ severity }) => <Severity severity={severity} />,
  },
  { key: 'state', header: 'State', width: 110, cell: stateOf },
  {
    key: 'time',
    header: 'When',
    width: 150,
    align: 'right',
    cell: ({ created_at }) => <RelativeTime at={created_at} />,
  },
];

function stateOf({ resolved_at, seen_at }: AlertRow): string {
  if (resolved_at !== null) return 'Over';
  return seen_at === null ? 'New' : 'Seen';
}
