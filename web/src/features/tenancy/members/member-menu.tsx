import { ActionIcon, Menu, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconDots } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Role } from '@contracts/tenancy.ts';
import { type Organization, useOrganization } from '@/lib/organization.tsx';
import { useUserId } from '@/lib/session.tsx';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { organizationQueries } from '../organizations/organization-queries.ts';
import { roleMeanings, roleNames } from '../role-words.ts';
import { type Member, changeMemberRole, memberQueries, nameOf, removeMember } from './member-queries.ts';

/** What the caller may do with a colleague; nothing is shown that would be refused. */
export function MemberMenu({ member }: { member: Member }) {
  const organization = useOrganization();
  const userId = useUserId();
  const { changeRole, remove } = useMemberMutations(organization, member);
  const roles = rolesToOffer(organization, member);
  const canRemove = member.userId !== userId && (organization.isOwner || member.role !== 'owner');
  if (roles.length === 0 && !canRemove) return null;
  const name = nameOf(member);
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${name}`}>
          <IconDots size={18} stroke={1.5} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {roles.map((role) => (
          <Menu.Item key={role} onClick={() => changeRole.mutate(role)}>
            Make {roleNames[role].toLowerCase()}
            <Text size="xs" c="dimmed">
              {roleMeanings[role]}
            </Text>
          </Menu.Item>
        ))}
        {roles.length > 0 && canRemove && <Menu.Divider />}
        {canRemove && (
          <Menu.Item color="red" onClick={() => confirmRemoval(organization, name, remove.mutate)}>
            Remove from organization
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function rolesToOffer(organization: Organization, member: Member): Role[] {
  const roles: Role[] = organization.isOwner ? ['owner', 'admin', 'member'] : ['admin', 'member'];
  if (member.role === 'owner' && !organization.isOwner) return [];
  return roles.filter((role) => role !== member.role);
}

function confirmRemoval(organization: Organization, name: string, onConfirm: () => void): void {
  modals.openConfirmModal({
    title: `Remove ${name}?`,
    children: (
      <Text>
        {name} loses access to {organization.name} at once. What they made stays, and keys keep working.
      </Text>
    ),
    labels: { confirm: 'Remove', cancel: 'Cancel' },
    confirmProps: { color: 'red' },
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
    mutationFn: () => removeMember(organization.id, member.userId),
    onSuccess: () => notifyDone(`${nameOf(member)} was removed.`),
    onError: notifyError,
    onSettled: reload,
  });
  return { changeRole, remove };
}
