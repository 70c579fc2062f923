import { Badge, Group, Text } from '@mantine/core';
import { useOrganization } from '@/lib/organization.tsx';
import { compareUsd, formatUsd, type Usd } from '@/lib/money.ts';
import { paths } from '@/lib/paths.ts';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { providerLabel } from '../credentials/provider-label.ts';
import { type CallSize, costOfCall } from './cost-of-call.ts';
import type { Price } from './price-queries.ts';

type Row = Price & { costUsd: Usd | null };

const rate = (usd: Usd | null): string => (usd === null ? '–' : formatUsd(usd));

const columns: [Column<Row>, ...Column<Row>[]] = [
  {
    key: 'model',
    header: 'Model',
    cell: ({ model, is_own }) => (
      <Group gap="xs">
        {model}
        {is_own && <Badge>Own price</Badge>}
      </Group>
    ),
  },
  { key: 'provider', header: 'Provider', width: 120, cell: ({ provider }) => providerLabel(provider) },
  {
    key: 'input',
    header: 'Input',
    align: 'right',
    width: 100,
    cell: ({ input_usd_per_mtok }) => rate(input_usd_per_mtok),
  },
  {
    key: 'cached',
    header: 'Cached',
    align: 'right',
    width: 100,
    cell: ({ cache_read_usd_per_mtok }) => rate(cache_read_usd_per_mtok),
  },
  {
    key: 'output',
    header: 'Output',
    align: 'right',
    width: 100,
    cell: ({ output_usd_per_mtok }) => rate(output_usd_per_mtok),
  },
  {
    key: 'cost',
    header: 'This call',
    align: 'right',
    width: 120,
    cell: ({ costUsd }) => (
      <Text span inherit fw="var(--mantine-font-weight-bold)">
        {rate(costUsd)}
      </Text>
    ),
  },
];

/** Models with their rates, by what a call of this size costs, the cheapest first; last those of which that is not known. */
export function PriceTable({ prices, size }: { prices: readonly Price[]; size: CallSize }) {
  const { slug } = useOrganization();
  const rows = prices
    .map((price) => ({ ...price, costUsd: costOfCall(price, size) }))
    .toSorted((left, right) =>
      left.costUsd === null || right.costUsd === null
        ? Number(left.costUsd === null) - Number(right.costUsd === null)
        : compareUsd(left.costUsd, right.costUsd),
    );
  return (
    <DataTable
      label="Models"
      rows={rows}
      columns={columns}
      rowKey={({ provider, model }) => `${provider}/${model}`}
      rowHref={({ provider, model }) => paths.price(slug, provider, model)}
    />
  );
}
