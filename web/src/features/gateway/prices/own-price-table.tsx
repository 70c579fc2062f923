import { ActionIcon, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { dayIn, formatDay, viewerTimeZone } from '@/lib/dates.ts';
import { formatUsd } from '@/lib/money.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { providerLabel } from '../credentials/provider-label.ts';
import { type OwnPrice, priceQueries } from './price-queries.ts';
import { deletePrice } from './price-writes.ts';

const nameOf = ({ provider, model }: OwnPrice): string =>
  model ?? `Every model of ${providerLabel(provider)}`;

function rateText({ discount_percent, input_usd_per_mtok, output_usd_per_mtok }: OwnPrice): string {
  if (discount_percent !== null) {
    return Number(discount_percent) === 0 ? 'The list’s price' : `${Number(discount_percent)}% off the list`;
  }
  return `${formatUsd(input_usd_per_mtok ?? '0')} in, ${formatUsd(output_usd_per_mtok ?? '0')} out, per million`;
}

const columns: [Column<OwnPrice>, ...Column<OwnPrice>[]] = [
  { key: 'model', header: 'Of', cell: nameOf },
  { key: 'rate', header: 'Price', cell: rateText },
  {
    key: 'from',
    header: 'From',
    align: 'right',
    width: 140,
    cell: ({ valid_from }) => formatDay(dayIn(viewerTimeZone(), new Date(valid_from))),
  },
];

const deleteColumn: Column<OwnPrice> = {
  key: 'delete',
  header: 'Actions',
  isHeaderHidden: true,
  align: 'right',
  width: 56,
  cell: (price) => <DeleteButton price={price} />,
};

/** What this organization pays instead of the list's price. */
export function OwnPriceTable({ prices }: { prices: readonly OwnPrice[] }) {
  const { canManage } = useOrganization();
  return (
    <DataTable
      label="Own prices"
      rows={prices}
      columns={canManage ? [...columns, deleteColumn] : columns}
      rowKey={({ id }) => id}
    />
  );
}

function DeleteButton({ price }: { price: OwnPrice }) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deletePrice(price.id),
    onSuccess: () => notifyDone('The price was deleted.'),
    onError: notifyError,
    onSettled: () => client.invalidateQueries({ queryKey: priceQueries.all(id) }),
  });
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      loading={remove.isPending}
      aria-label={`Delete the price of ${nameOf(price)}`}
      onClick={() =>
        modals.openConfirmModal({
          title: `Delete the price of ${nameOf(price)}?`,
          children: (
            <Text>
              From the next call on, what is left holds: an earlier price of your own, or the list’s. Past
              calls keep their cost until you price them again.
            </Text>
          ),
          labels: { confirm: 'Delete price', cancel: 'Cancel' },
          confirmProps: { color: 'red' },
          onConfirm: () => remove.mutate(),
        })
      }
    >
      <IconTrash size={16} stroke={1.5} />
    </ActionIcon>
  );
}
