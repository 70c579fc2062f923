import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { formatUsd } from '@/lib/money.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { useUserId } from '@/lib/session.tsx';
import { CreatePersonalKeyModal } from './create-personal-key-modal.tsx';
import { proxyKeyQueries, stateOfKey } from './proxy-key-queries.ts';
import { ProxyKeyTable } from './proxy-key-table.tsx';

/** The viewer's own keys, where members may have some. */
export function PersonalKeys() {
  const { id, personalKeyLimitUsd: limit } = useOrganization();
  const userId = useUserId();
  const [isCreating, creating] = useDisclosure(false);
  const { data = [] } = useQuery(proxyKeyQueries.watched(id));
  const own = data.filter((key) => key.member_id === userId && stateOfKey(key) !== 'revoked');
  if (limit === null && own.length === 0) return null;
  return (
    <Stack component="section" aria-label="Your personal keys" gap="sm" mt="xl">
      <Group justify="space-between" align="flex-end" gap="md">
        <div>
          <Title order={2}>Your personal keys</Title>
          <Text size="sm" c="dimmed" maw="42rem">
            {limit === null
              ? 'New ones are not allowed any more; these keep working.'
              : `For your own calls, which are counted in your name. An admin lets everyone spend up to ${formatUsd(limit)} a month with them, unless Budgets says otherwise for you.`}
          </Text>
        </div>
        {limit !== null && (
          <Button
            variant="default"
            leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
            onClick={creating.open}
          >
            Create personal key
          </Button>
        )}
      </Group>
      {own.length > 0 && <ProxyKeyTable proxyKeys={own} showsProject />}
      <CreatePersonalKeyModal isOpen={isCreating} onClose={creating.close} />
    </Stack>
  );
}
