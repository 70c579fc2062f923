import { Button, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { useUserId } from '@/lib/session.tsx';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { memberQueries, removeMember } from '../members/member-queries.ts';
import { useLeaveBehind } from './use-leave-behind.ts';

export function LeaveOrganization() {
  const { id, name, isOwner } = useOrganization();
  const userId = useUserId();
  const leaveBehind = useLeaveBehind();
  const members = useQuery(memberQueries.list(id)).data;
  const leave = useMutation({
    mutationFn: () => removeMember(id, userId),
    onSuccess: async () => {
      notifyDone(`You have left ${name}.`);
      await leaveBehind();
    },
    onError: notifyError,
  });
  const isLastOwner = isOwner && members?.filter(({ role }) => role === 'owner').length === 1;
  if (isLastOwner)
    return <Text c="dimmed">You are the only owner. Hand the organization over before you leave.</Text>;
  const ask = (): void => {
    modals.openConfirmModal({
      title: `Leave ${name}?`,
      children: (
        <Text>
          You lose access at once; your personal keys and the SQL logins that you made end with that. An owner
          or admin can invite you again.
        </Text>
      ),
      labels: { confirm: 'Leave', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: leave.mutate,
    });
  };
  return (
    <Button variant="default" disabled={!members} loading={leave.isPending} onClick={ask}>
      Leave organization
    </Button>
  );
}
