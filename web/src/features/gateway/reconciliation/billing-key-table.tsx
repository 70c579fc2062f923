import { Text } from '@mantine/core';
import { useOrganization } from '@/lib/organization.tsx';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { providerLabel } from '../credentials/provider-label.ts';
import { BillingKeyMenu } from './billing-key-menu.tsx';
import type { BillingKey } from './reconciliation-queries.ts';

const menuColumn: Column<BillingKey> = {
  key: 'menu',
  header: 'Actions',
  isHeaderHidden: true,
  align: 'right',
  width: 56,
  cell: (billingKey) => <BillingKeyMenu billingKey={billingKey} />,
};

const columns: [Column<BillingKey>, ...Column<BillingKey>[]] = [
  { key: 'provider', header: 'Provider', cell: ({ provider }) => providerLabel(provider) },
  {
    key: 'kind',
    header: 'Bills come by',
    cell: ({ kind, last_four }) =>
      kind === 'admin' ? `Admin key ···· ${last_four}` : `Events that it sends, signed ···· ${last_four}`,
  },
  { key: 'state', header: 'State', cell: (billingKey) => <State billingKey={billingKey} /> },
  {
    key: 'read',
    header: 'Last',
    align: 'right',
    cell: ({ read_at }) => (read_at === null ? 'Never' : <RelativeTime at={read_at} />),
  },
];

/** How each provider's bills come. */
export function BillingKeyTable({ billingKeys }: { billingKeys: readonly BillingKey[] }) {
  const { canManage } = useOrganization();
  return (
    <DataTable
      label="Connected providers"
      rows={billingKeys}
      columns={canManage ? [...columns, menuColumn] : columns}
      rowKey={({ id }) => id}
    />
  );
}

function State({ billingKey: { kind, read_error, read_at, next_read_at } }: { billingKey: BillingKey }) {
  if (read_error !== null) {
    return (
      <Text span inherit c="red">
        {read_error} Next try <RelativeTime at={next_read_at} />.
      </Text>
    );
  }
  if (read_at === null) return kind === 'admin' ? 'Being read' : 'Waiting for the first event';
  return kind === 'admin' ? 'Read every day' : 'Receiving';
}
