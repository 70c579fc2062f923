import { Alert, Button, Group, Text } from '@mantine/core';
import { IconSnowflake } from '@tabler/icons-react';
import { useOrganization } from '@/lib/organization.tsx';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { useLedgerNames } from '../reports/use-ledger-names.ts';
import { useFreeze } from './use-freeze.ts';
import { useThaw } from './use-thaw.ts';

/** Says that this organization, project or key is frozen, by whom and why; nothing when it is not. */
export function FreezeNotice({ id, name }: { id: string; name: string }) {
  const { canManage } = useOrganization();
  const { user } = useLedgerNames();
  const freeze = useFreeze(id);
  const thawing = useThaw(name);
  if (freeze === undefined) return null;
  return (
    <Alert
      color="red"
      mb="lg"
      icon={<IconSnowflake size={18} stroke={1.5} aria-hidden />}
      title={`${name} is frozen: its calls are refused`}
    >
      <Group justify="space-between" align="flex-end" gap="sm">
        <Text size="sm">
          {freeze.reason}
          <br />
          <Text span inherit c="dimmed">
            {freeze.frozen_by === null ? '' : `${user(freeze.frozen_by)}, `}
            <RelativeTime at={freeze.frozen_at} />
          </Text>
        </Text>
        {canManage && (
          <Button
            size="xs"
            variant="default"
            loading={thawing.isPending}
            onClick={() => thawing.mutate(freeze)}
          >
            Thaw
          </Button>
        )}
      </Group>
    </Alert>
  );
}
