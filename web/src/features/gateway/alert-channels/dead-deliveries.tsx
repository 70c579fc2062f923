import { Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { describeAlert } from '@contracts/describe-alert.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { RestartButton } from '../alerts/restart-button.tsx';
import { type AlertChannel, alertChannelQueries, type DeadDelivery } from './alert-channel-queries.ts';

/** What could not be delivered and is not tried any more; nothing while there is none. */
export function DeadDeliveries({ channels }: { channels: readonly AlertChannel[] }) {
  const { id } = useOrganization();
  const { data: deliveries = [] } = useQuery(alertChannelQueries.dead(id));
  if (deliveries.length === 0) return null;
  const nameOf = ({ recipient, channel_id }: DeadDelivery): string =>
    recipient || channels.find((channel) => channel.id === channel_id)?.name || 'A channel';
  const columns: [Column<DeadDelivery>, ...Column<DeadDelivery>[]] = [
    { key: 'alert', header: 'Alert', cell: ({ alerts }) => describeAlert(alerts).title },
    { key: 'to', header: 'To', cell: nameOf },
    { key: 'error', header: 'Why not', cell: ({ last_error }) => last_error ?? '' },
    {
      key: 'time',
      header: 'Raised',
      align: 'right',
      width: 140,
      cell: ({ created_at }) => <RelativeTime at={created_at} />,
    },
    {
      key: 'restart',
      header: 'Actions',
      isHeaderHidden: true,
      align: 'right',
      width: 110,
      cell: ({ id: deliveryId }) => <RestartButton deliveryId={deliveryId} />,
    },
  ];
  return (
    <section aria-label="Given up">
      <Title order={2} mt="xl" mb="sm">
        Given up
      </Title>
      <DataTable label="Given up" rows={deliveries} columns={columns} rowKey={(delivery) => delivery.id} />
    </section>
  );
}
