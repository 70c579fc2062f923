import { Badge, Group, Text } from '@mantine/core';
import { useOrganization } from '@/lib/organization.tsx';
import { formatDay } from '@/lib/dates.ts';
import { formatUsd } from '@/lib/money.ts';
import { paths } from '@/lib/paths.ts';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { providerLabel } from '../credentials/provider-label.ts';
import { causeLabel } from './cause-words.ts';
import { Drift } from './drift.tsx';
import type { Reconciliation } from './reconciliation-queries.ts';

const columns: [Column<Reconciliation>, ...Column<Reconciliation>[]] = [
  {
    key: 'day',
    header: 'Day (UTC)',
    width: 170,
    cell: ({ day, is_alarming, is_provisional }) => (
      <Group gap="xs">
        {formatDay(day)}
        {is_alarming && <Badge color="red">Drift</Badge>}
        {is_provisional && <Badge color="gray">So far</Badge>}
      </Group>
    ),
  },
  { key: 'provider', header: 'Provider', width: 120, cell: ({ provider }) => providerLabel(provider) },
  { key: 'ours', header: 'Ledger', align: 'right', width: 110, cell: ({ ours_usd }) => formatUsd(ours_usd) },
  {
    key: 'theirs',
    header: 'Provider’s bill',
    align: 'right',
    width: 130,
    cell: ({ theirs_usd }) => formatUsd(theirs_usd),
  },
  {
    key: 'drift',
    header: 'Drift',
    align: 'right',
    width: 160,
    cell: (row) => <Drift of={row} isAlarming={row.is_alarming} />,
  },
  {
    key: 'causes',
    header: 'Because',
    cell: ({ causes }) => (
      <Text span inherit c="dimmed">
        {causes.length === 0 ? 'The books agree' : causes.map(causeLabel).join(', ')}
      </Text>
    ),
  },
];

/** A row for each day of each provider, the latest first. */
export function ReconciliationTable({ days }: { days: readonly Reconciliation[] }) {
  const { slug } = useOrganization();
  return (
    <DataTable
      label="Days"
      rows={days}
      columns={columns}
      rowKey={({ provider, day }) => `${provider} ${day}`}
      rowHref={({ provider, day }) => paths.reconciliationDay(slug, provider, day)}
    />
  );
}
