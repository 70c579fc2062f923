import { Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { describeAlert } from '@contracts/describe-alert.ts';
import { describeWeeklyReport } from '@contracts/describe-weekly-report.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { SideDrawer } from '@/ui/side-drawer.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { alertChannelQueries } from '../alert-channels/alert-channel-queries.ts';
import { useLedgerNames } from '../reports/use-ledger-names.ts';
import { Fact, FactList, Facts } from '../usage/facts.tsx';
import { alertQueries, type AlertRow } from './alert-queries.ts';
import { describeKind } from './alert-words.ts';
import classes from './alerts.module.css';
import { causeOf } from './cause-of.ts';
import { RestartButton } from './restart-button.tsx';
import { Severity } from './severity.tsx';
import { useMarkSeen } from './use-mark-seen.ts';

type AlertDrawerProps = { alertId: string | undefined; onClose: () => void };

/** One alert, the way to its cause, and whom it reached; its address is what mails and chats lead to. */
export function AlertDrawer({ alertId, onClose }: AlertDrawerProps) {
  return (
    <SideDrawer title="Alert" isOpen={alertId !== undefined} onClose={onClose}>
      {alertId !== undefined && <AlertView id={Number(alertId)} />}
    </SideDrawer>
  );
}

function AlertView({ id }: { id: number }) {
  const { id: organizationId } = useOrganization();
  const isId = Number.isSafeInteger(id);
  const query = useQuery({ ...alertQueries.detail(organizationId, id), enabled: isId });
  if (!isId || query.data === null) return <Text c="dimmed">There is no such alert.</Text>;
  return (
    <AsyncView query={query} skeleton={<TableSkeleton rows={5} label="Loading the alert" />}>
      {(alert) => alert && <OneAlert alert={alert} />}
    </AsyncView>
  );
}

function OneAlert({ alert }: { alert: AlertRow }) {
  const { canManage } = useOrganization();
  const { title, detail } = describeAlert(alert);
  return (
    <Stack gap="lg" pb="xl">
      <div>
        <Text fz="lg" fw="var(--mantine-font-weight-bold)">
          {title}
        </Text>
        <Text mt={4}>{detail}</Text>
      </div>
      <Actions alert={alert} />
      <Facts title="About it">
        <FactList>
          <Fact label="Kind">{describeKind(alert.kind)}</Fact>
          <Fact label="Severity">
            <Severity severity={alert.severity} />
          </Fact>
          <Fact label="Raised">
            <RelativeTime at={alert.created_at} />
          </Fact>
          {alert.kind !== 'weekly_report' && <Progress alert={alert} />}
        </FactList>
      </Facts>
      {alert.kind === 'weekly_report' && <WeeklyReport facts={alert.facts} />}
      {canManage && <Deliveries alertId={alert.id} />}
    </Stack>
  );
}

/** Whether it is over, and who has looked at it. */
function Progress({ alert }: { alert: AlertRow }) {
  const { user } = useLedgerNames();
  return (
    <>
      <Fact label="Over">
        {alert.resolved_at === null ? 'Not yet' : <RelativeTime at={alert.resolved_at} />}
      </Fact>
      <Fact label="Seen">
        {alert.seen_at === null ? (
          'By nobody yet'
        ) : (
          <>
            {alert.seen_by === null ? 'By a former member' : `By ${user(alert.seen_by)}`},{' '}
            <RelativeTime at={alert.seen_at} />
          </>
        )}
      </Fact>
    </>
  );
}

function WeeklyReport({ facts }: { facts: AlertRow['facts'] }) {
  return describeWeeklyReport(facts).tables.map(({ title, rows }) => (
    <Facts key={title} title={title}>
      <FactList>
        {rows.map(([name, value], index) => (
          // Names may repeat; the list never changes.
          <Fact key={index} label={name}>
            {value}
          </Fact>
        ))}
      </FactList>
    </Facts>
  ));
}

function Actions({ alert }: { alert: AlertRow }) {
  const { slug, timeZone, canManage } = useOrganization();
  const markSeen = useMarkSeen();
  const cause = causeOf(alert, { slug, timeZone });
  return (
    <Group gap="xs">
      {cause && (
        <Button component={Link} to={cause.to}>
          {cause.label}
        </Button>
      )}
      {canManage && alert.seen_at === null && (
        <Button variant="default" loading={markSeen.isPending} onClick={() => markSeen.mutate([alert.id])}>
          Mark as seen
        </Button>
      )}
    </Group>
  );
}

type Delivery = {
  id: string;
  channel_id: string | null;
  recipient: string;
  status: string;
  attempts: number;
  last_error: string | null;
  delivered_at: string | null;
};

function Deliveries({ alertId }: { alertId: number }) {
  const { id } = useOrganization();
  const deliveries = useQuery({
    ...alertQueries.deliveries(id, alertId),
    refetchInterval: ({ state }) => (state.data?.some(isPending) === true ? 5_000 : false),
  });
  return (
    <Facts title="Told to">
      <AsyncView query={deliveries} skeleton={<Skeleton height={22} />}>
        {(rows) =>
          rows.length === 0 ? (
            <Text size="sm" c="dimmed">
              No channel wanted this kind when it was raised.
            </Text>
          ) : (
            <Stack gap="sm">
              {rows.map((delivery) => (
                <OneDelivery key={delivery.id} delivery={delivery} />
              ))}
            </Stack>
          )
        }
      </AsyncView>
    </Facts>
  );
}

const isPending = ({ status }: Pick<Delivery, 'status'>): boolean => status === 'pending';

function OneDelivery({ delivery }: { delivery: Delivery }) {
  const { id } = useOrganization();
  const { data: channels = [] } = useQuery(alertChannelQueries.list(id));
  const channel = channels.find((each) => each.id === delivery.channel_id);
  return (
    <div className={classes.delivery}>
      <div>
        <Text size="sm">{delivery.recipient || channel?.name || 'A channel'}</Text>
        <Text size="xs" c="dimmed">
          <DeliveryState delivery={delivery} />
        </Text>
      </div>
      {delivery.status === 'dead' && <RestartButton deliveryId={delivery.id} />}
    </div>
  );
}

function DeliveryState({ delivery }: { delivery: Delivery }) {
  const { status, attempts, last_error: error, delivered_at: deliveredAt } = delivery;
  if (status === 'delivered' && deliveredAt !== null)
    return (
      <>
        Delivered <RelativeTime at={deliveredAt} />
      </>
    );
  if (status === 'dead') return `Given up. ${error ?? ''}`;
  return attempts === 0 ? 'On its way' : `Tried ${attempts} times, will be tried again. ${error ?? ''}`;
}
