import { Anchor, Button, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconSend } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { AlertKind } from '@contracts/alerts.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { AsyncView } from '@/ui/async-view.tsx';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { EmptyState } from '@/ui/empty-state.tsx';
import { PageHeader } from '@/ui/page-header.tsx';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { AddChannelModal } from './add-channel-modal.tsx';
import { type AlertChannel, alertChannelQueries } from './alert-channel-queries.ts';
import { ChannelMenu } from './channel-menu.tsx';
import { ChannelState } from './channel-state.tsx';
import { describeChannelType, describeTarget } from './channel-words.ts';
import { DeadDeliveries } from './dead-deliveries.tsx';

/** By which ways the organization is told of alerts. */
export function ChannelsPage() {
  const { slug, canManage } = useOrganization();
  const [isAdding, adding] = useDisclosure(false);
  return (
    <>
      <PageHeader
        title="Alert channels"
        description={
          <>
            By mail, Slack or webhook, each told of the kinds that you choose. What happened stands under{' '}
            <Anchor component={Link} to={paths.alerts(slug)} inherit underline="always">
              Alerts
            </Anchor>{' '}
            in any case.
          </>
        }
        actions={
          canManage && (
            <Button leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />} onClick={adding.open}>
              Add channel
            </Button>
          )
        }
      />
      {canManage ? (
        <Channels />
      ) : (
        <EmptyState
          icon={IconSend}
          title="Owners and admins manage the channels"
          description="The members page shows who they are."
        />
      )}
      <AddChannelModal isOpen={isAdding} onClose={adding.close} />
    </>
  );
}

function Channels() {
  const { id } = useOrganization();
  const channels = useQuery(alertChannelQueries.list(id));
  return (
    <>
      <AsyncView query={channels} skeleton={<TableSkeleton rows={3} label="Loading channels" />}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState
              icon={IconSend}
              title="Channels will be here."
              description="Until you add one, alerts are told in the app only."
            />
          ) : (
            <DataTable
              label="Alert channels"
              rows={rows}
              columns={columns}
              rowKey={(channel) => channel.id}
            />
          )
        }
      </AsyncView>
      <DeadDeliveries channels={channels.data ?? []} />
    </>
  );
}

const columns: [Column<AlertChannel>, ...Column<AlertChannel>[]] = [
  {
    key: 'name',
    header: 'Channel',
    cell: ({ name, type }) => (
      <>
        {name}
        <Text size="xs" c="dimmed">
          {describeChannelType(type)}
        </Text>
      </>
    ),
  },
  { key: 'target', header: 'Goes to', cell: describeTarget },
  { key: 'kinds', header: 'Tells', width: 110, cell: ({ kinds }) => countKinds(kinds) },
  { key: 'state', header: 'State', cell: (channel) => <ChannelState channel={channel} /> },
  {
    key: 'delivered',
    header: 'Last told',
    align: 'right',
    width: 140,
    cell: ({ last_delivered_at: at }) => (at === null ? 'Never' : <RelativeTime at={at} />),
  },
  {
    key: 'menu',
    header: 'Actions',
    isHeaderHidden: true,
    align: 'right',
    width: 56,
    cell: (channel) => <ChannelMenu channel={channel} />,
  },
];

const countKinds = (kinds: readonly string[]): string =>
  kinds.length === AlertKind.options.length ? 'Every kind' : `${kinds.length} of ${AlertKind.options.length}`;
