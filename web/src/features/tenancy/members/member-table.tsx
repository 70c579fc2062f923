import { Avatar, Badge, Group, Stack, Text } from '@mantine/core';
import { useOrganization } from '@/lib/organization.tsx';
import { useUserId } from '@/lib/session.tsx';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { roleNames } from '../role-words.ts';
import { MemberMenu } from './member-menu.tsx';
import { type Member, nameOf } from './member-queries.ts';

const facts: [Column<Member>, ...Column<Member>[]] = [
  { key: 'person', header: 'Name', cell: (member) => <Person member={member} /> },
  { key: 'role', header: 'Role', width: 160, cell: ({ role }) => roleNames[role] },
  { key: 'joined', header: 'Joined', width: 180, cell: ({ joinedAt }) => <RelativeTime at={joinedAt} /> },
];

const menu: Column<Member> = {
  key: 'menu',
  header: 'Actions',
  isHeaderHidden: true,
  width: 56,
  align: 'right',
  cell: (member) => <MemberMenu member={member} />,
};

export function MemberTable({ members }: { members: Member[] }) {
  const { canManage } = useOrganization();
  return (
    <DataTable
      label="Members"
      rows={members}
      columns={canManage ? [...facts, menu] : facts}
      rowKey={({ userId }) => userId}
    />
  );
}

function Person({ member }: { member: Member }) {
  const isMe = useUserId() === member.userId;
  return (
    <Group gap="sm" wrap="nowrap">
      <Avatar size={32} radius="xl" name={nameOf(member)} color="indigo" aria-hidden />
      <Stack gap={0} miw={0}>
        <Group gap={6}>
          <Text size="sm" truncate>
            {nameOf(member)}
          </Text>
          {isMe && <Badge color="gray">You</Badge>}
        </Group>
        {member.fullName !== '' && (
          <Text size="xs" c="dimmed" truncate>
            {member.email}
          </Text>
        )}
      </Stack>
    </Group>
  );
}
