import { ActionIcon, Button, Group, Stack, Text, Title, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { IconBan, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { notifyDone, notifyError } from '@/ui/notify.ts';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { CreateLoginModal } from './create-login-modal.tsx';
import { loginQueries, type ReportingLogin } from './login-queries.ts';
import { revokeLogin } from './login-writes.ts';

/** Logins with which other tools read the same views. */
export function ReportingLogins() {
  const { id } = useOrganization();
  const [isCreating, creating] = useDisclosure(false);
  return (
    <Stack gap="sm" component="section" aria-label="SQL logins">
      <Group justify="space-between" align="flex-end" gap="sm">
        <div>
          <Title order={2}>SQL logins</Title>
          <Text c="dimmed" size="sm">
            For psql, Metabase or Grafana: read-only, and for this organization alone.
          </Text>
        </div>
        <Button
          variant="default"
          leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
          onClick={creating.open}
        >
          Create login
        </Button>
      </Group>
      <AsyncView
        query={useQuery(loginQueries.list(id))}
        skeleton={<TableSkeleton rows={2} label="Loading SQL logins" />}
      >
        {(logins) =>
          logins.length === 0 ? (
            <Text c="dimmed">Nobody connects from elsewhere yet.</Text>
          ) : (
            <DataTable label="SQL logins" rows={logins} columns={columns} rowKey={(login) => login.id} />
          )
        }
      </AsyncView>
      <CreateLoginModal isOpen={isCreating} onClose={creating.close} />
    </Stack>
  );
}

const columns: [Column<ReportingLogin>, ...Column<ReportingLogin>[]] = [
  { key: 'name', header: 'Login', cell: ({ name }) => name },
  { key: 'username', header: 'Username', cell: ({ username }) => <code>{username}</code> },
  {
    key: 'used',
    header: 'Last used',
    align: 'right',
    width: 150,
    cell: ({ last_used_at }) =>
      last_used_at === null ? (
        <Text span inherit c="dimmed">
          Never
        </Text>
      ) : (
        <RelativeTime at={last_used_at} />
      ),
  },
  {
    key: 'created',
    header: 'Created',
    align: 'right',
    width: 150,
    cell: ({ created_at }) => <RelativeTime at={created_at} />,
  },
  {
    key: 'revoke',
    header: 'Actions',
    isHeaderHidden: true,
    align: 'right',
    width: 56,
    cell: (login) => <RevokeButton login={login} />,
  },
];

function RevokeButton({ login }: { login: ReportingLogin }) {
  const { id } = useOrganization();
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => revokeLogin(login.id),
    onSuccess: () => notifyDone(`${login.name} was revoked.`),
    onError: notifyError,
    onSettled: () => client.invalidateQueries({ queryKey: loginQueries.all(id) }),
  });
  const confirm = (): void => {
    modals.openConfirmModal({
      title: `Revoke ${login.name}?`,
      children: (
        <Text>Its connections end now, and there is no way back: whoever uses it needs a new login.</Text>
      ),
      labels: { confirm: 'Revoke login', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () => revoke.mutate(),
    });
  };
  return (
    <Tooltip label="Revoke">
      <ActionIcon
        variant="subtle"
        color="gray"
        loading={revoke.isPending}
        onClick={confirm}
        aria-label={`Revoke ${login.name}`}
      >
        <IconBan size={18} stroke={1.5} />
      </ActionIcon>
    </Tooltip>
  );
}
