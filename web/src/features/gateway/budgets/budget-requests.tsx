import { Button, Group, Menu, Skeleton, Stack, Text } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { addDays, startOfDay } from '@/lib/dates.ts';
import { formatUsd } from '@/lib/money.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { useToday } from '@/lib/use-now.ts';
import { AsyncView } from '@/ui/async-view.tsx';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { Facts } from '../usage/facts.tsx';
import { useLedgerNames } from '../reports/use-ledger-names.ts';
import { type Budget, budgetQueries } from './budget-queries.ts';
import { decideRequest } from './budget-writes.ts';
import { RequestIncreaseButton } from './request-increase-button.tsx';

/** What was asked for and is not decided: members ask, admins grant or decline. */
export function BudgetRequests({ budget }: { budget: Budget }) {
  const { id, canManage } = useOrganization();
  return (
    <Facts title="Requests for more">
      <AsyncView query={useQuery(budgetQueries.requests(id))} skeleton={<Skeleton height={22} />}>
        {(requests) => {
          const own = requests.filter(({ budget_id }) => budget_id === budget.id);
          return (
            <Stack gap="md">
              {own.length === 0 && (
                <Text size="sm" c="dimmed">
                  Nobody waits for a higher limit.
                </Text>
              )}
              {own.map((request) => (
                <Request key={request.id} request={request} />
              ))}
              {!canManage && <RequestIncreaseButton budget={budget} />}
            </Stack>
          );
        }}
      </AsyncView>
    </Facts>
  );
}

type RequestProps = {
  request: { id: string; requested_by: string | null; limit_usd: string; reason: string; created_at: string };
};

function Request({ request }: RequestProps) {
  const { canManage } = useOrganization();
  const { user } = useLedgerNames();
  return (
    <div>
      <Text size="sm">
        {formatUsd(request.limit_usd)}: {request.reason}
      </Text>
      <Text size="xs" c="dimmed" mb={canManage ? 'xs' : 0}>
        {request.requested_by === null ? 'A former member' : user(request.requested_by)},{' '}
        <RelativeTime at={request.created_at} />
      </Text>
      {canManage && <Decision requestId={request.id} />}
    </div>
  );
}

function Decision({ requestId }: { requestId: string }) {
  const { id, timeZone } = useOrganization();
  const client = useQueryClient();
  const today = useToday(timeZone);
  const decide = useMutation({
    mutationFn: (decision: Parameters<typeof decideRequest>[1]) => decideRequest(requestId, decision),
    onSuccess: (_, { isGranted }) =>
      notifyDone(isGranted ? 'The limit is raised from the next call on.' : 'The request was declined.'),
    onError: notifyError,
    onSettled: () => client.invalidateQueries({ queryKey: budgetQueries.all(id) }),
  });
  const until = (days: number): Date => startOfDay(addDays(today, days), timeZone);
  const grant = (raisedUntil: Date | null) => decide.mutate({ isGranted: true, raisedUntil });
  return (
    <Group gap="xs">
      <Menu position="bottom-start" width={200}>
        <Menu.Target>
          <Button
            size="xs"
            loading={decide.isPending}
            rightSection={<IconChevronDown size={14} stroke={1.5} aria-hidden />}
          >
            Grant
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => grant(until(1))}>Until the end of today</Menu.Item>
          <Menu.Item onClick={() => grant(until(8))}>For a week</Menu.Item>
          <Menu.Item onClick={() => grant(null)}>For good</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Button
        size="xs"
        variant="default"
        disabled={decide.isPending}
        onClick={() => decide.mutate({ isGranted: false, raisedUntil: null })}
      >
        Decline
      </Button>
    </Group>
  );
}
