import { useState } from 'react';
import { Badge, Menu, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { SentInvitation } from '@contracts/tenancy.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { RowMenu } from '@/ui/row-menu.tsx';
import { roleNames } from '../role-words.ts';
import { InvitationLink } from './invitation-link.tsx';
import {
  type Invitation,
  invitationQueries,
  resendInvitation,
  withdrawInvitation,
} from './invitation-queries.ts';

const columns: [Column<Invitation>, ...Column<Invitation>[]] = [
  { key: 'email', header: 'Email', cell: ({ email }) => email },
  { key: 'role', header: 'Role', width: 160, cell: ({ role }) => roleNames[role] },
  { key: 'sent', header: 'Sent', width: 180, cell: (invitation) => <Sent invitation={invitation} /> },
  {
    key: 'menu',
    header: 'Actions',
    isHeaderHidden: true,
    width: 56,
    align: 'right',
    cell: (invitation) => <InvitationMenu invitation={invitation} />,
  },
];

export function InvitationTable({ invitations }: { invitations: Invitation[] }) {
  return <DataTable label="Open invitations" rows={invitations} columns={columns} rowKey={({ id }) => id} />;
}

function Sent({ invitation }: { invitation: Invitation }) {
  const [openedAt] = useState(() => new Date());
  if (new Date(invitation.expiresAt) > openedAt) return <RelativeTime at={invitation.createdAt} />;
  return <Badge color="orange">Expired</Badge>;
}

function InvitationMenu({ invitation }: { invitation: Invitation }) {
  const client = useQueryClient();
  const organization = useOrganization();
  const onSettled = () => client.invalidateQueries({ queryKey: invitationQueries.all(organization.id) });
  const resend = useMutation({
    mutationFn: () => resendInvitation(invitation.id),
    onSuccess: (sent) => showLink(invitation.email, sent),
    onError: notifyError,
    onSettled,
  });
  const withdraw = useMutation({
    mutationFn: () => withdrawInvitation(invitation.id),
    onSuccess: () => notifyDone(`The invitation of ${invitation.email} was withdrawn.`),
    onError: notifyError,
    onSettled,
  });
  return (
    <RowMenu of={invitation.email} isPending={resend.isPending || withdraw.isPending}>
      <Menu.Item onClick={() => resend.mutate()}>Send again</Menu.Item>
      <Menu.Divider />
      <Menu.Item color="red" onClick={() => confirmWithdrawal(invitation.email, withdraw.mutate)}>
        Withdraw
      </Menu.Item>
    </RowMenu>
  );
}

function showLink(email: string, sent: SentInvitation): void {
  modals.open({ title: 'Invitation sent again', children: <InvitationLink email={email} sent={sent} /> });
}

function confirmWithdrawal(email: string, onConfirm: () => void): void {
  modals.openConfirmModal({
    title: 'Withdraw this invitation?',
    children: <Text>The link that {email} received stops working. You can invite them again later.</Text>,
    labels: { confirm: 'Withdraw', cancel: 'Cancel' },
    confirmProps: { color: 'red' },
    onConfirm,
  });
}
