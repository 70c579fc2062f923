import { Menu, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Role } from '@contracts/tenancy.ts';
import { type Organization, useOrganization } from '@/lib/organization.tsx';
import { useUserId } from '@/lib/session.tsx';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { RowMenu } from '@/ui/row-menu.tsx';
import { organizationQueries } from '../organizations/organization-queries.ts';
import { roleMeanings, roleNames } from '../role-words.ts';
import { type Member, changeMemberRole, memberQueries, nameOf, removeMember } from './member-queries.ts';
import { RemoveMemberModal } from './remove-member-modal.tsx';

/** What the caller may do with a colleague; nothing is shown that would be refused. */
export function MemberMenu({ member }: { member: Member }) {
  const organization = useOrganization();
  const isMe = useUserId() === member.userId;
  const { changeRole, remove } = useMemberMutations(organization, member);
  const [isRemoving, removal] = useDisclosure(false);
  const roles = useRolesToOffer(organization, member);
  const canRemove = !isMe && (organization.isOwner || member.role !== 'owner');
  if (roles.length === 0 && !canRemove) return null;
  const name = nameOf(member);
  const choose = (role: Role): void => {
    if (isMe || role === 'owner') confirmRole(isMe ? 'yourself' : name, role, () => changeRole.mutate(role));
    else changeRole.mutate(role);
  };
  return (
    <>
      <RowMenu of={name} width={280}>
        {roles.map((role) => (
          <Menu.Item key={role} onClick={() => choose(role)}>
            Make {roleNames[role].toLowerCase()}
            <Text size="xs" c="dimmed">
              {roleMeanings[role]}
            </Text>
          </Menu.Item>
        ))}
        {roles.length > 0 && canRemove && <Menu.Divider />}
        {canRemove && (
          <Menu.Item color="red" onClick={removal.open}>
            Remove from organization
          </Menu.Item>
        )}
      </RowMenu>
      <RemoveMemberModal
        member={member}
        isOpen={isRemoving}
        onClose={removal.close}
        onRemove={remove.mutate}
      />
    </>
  );
}

function useRolesToOffer(organization: Organization, member: Member): Role[] {
  const members = useQuery(memberQueries.list(organization.id)).data ?? [];
  const isLastOwner = member.role === 'owner' && members.filter(({ role }) => role === 'owner').length < 2;
  if (isLastOwner || (member.role === 'owner' && !organization.isOwner)) return [];
  const roles: Role[] = organization.isOwner ? ['owner', 'admin', 'member'] : ['admin', 'member'];
  return roles.filter((role) => role !== member.role);
}

function confirmRole(whom: string, role: Role, onConfirm: () => void): void {
  const name = roleNames[role].toLowerCase();
  modals.openConfirmModal({
    title: `Make ${whom} ${name}?`,
    children: <Text>{roleMeanings[role]}. An owner can change it again.</Text>,
    labels: { confirm: `Make ${name}`, cancel: 'Cancel' },
    onConfirm,
  });
}

function useMemberMutations(organization: Organization, member: Member) {
  const client = useQueryClient();
  const reload = async (): Promise<void> => {
    await client.invalidateQueries({ queryKey: memberQueries.all(organization.id) });
    await client.invalidateQueries({ queryKey: organizationQueries.all });
  };
  const changeRole = useMutation({
    mutationFn: (role: Role) => changeMemberRole(organization.id, member.userId, role),
    onSuccess: (_, role) => notifyDone(`${nameOf(member)} is now ${roleNames[role].toLowerCase()}.`),
    onError: notifyError,
    onSettled: reload,
  });
  const remove = useMutation({
    mutationFn: (revokesKeys: boolean) => removeMember(organization.id, member.userId, { revokesKeys }),
    onSuccess: () => notifyDone(`${nameOf(member)} was removed.`),
    onError: notifyError,
    onSettled: reload,
  });
  return { changeRole, remove };
}
