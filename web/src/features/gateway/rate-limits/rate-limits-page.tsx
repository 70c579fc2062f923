import { Button, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { AsyncView } from '@/ui/async-view.tsx';
import { TableSkeleton } from '@/ui/skeletons.tsx';
import { LimitsHeader } from '../budgets/limits-header.tsx';
import { useLiveUsage } from '../spend/use-live-usage.ts';
import { CreateRateLimitModal } from './create-rate-limit-modal.tsx';
import { rateLimitQueries } from './rate-limit-queries.ts';
import { RateLimitTable } from './rate-limit-table.tsx';

/** How much may be called in a minute and at once, and how much of that is used just now. */
export function RateLimitsPage() {
  const { id, canManage } = useOrganization();
  const [isCreating, creating] = useDisclosure(false);
  const limits = useQuery(rateLimitQueries.watched(id));
  useLiveUsage(() => limits.refetch());
  return (
    <>
      <LimitsHeader
        tab="Rate limits"
        description="Each call counts in every rate limit that binds it. Where one has no room the call is refused with status 429, and told when to try again."
        action={
          limits.data && (
            <Button leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />} onClick={creating.open}>
              Create rate limit
            </Button>
          )
        }
      />
      <AsyncView query={limits} skeleton={<TableSkeleton rows={4} label="Loading rate limits" />}>
        {(data) => (
          <>
            <RateLimitTable limits={data} />
            <Text size="sm" c="dimmed" mt="md">
              A minute is any sixty seconds, so what is used frees up bit by bit.
              {canManage ? '' : ' Owners and admins create and change rate limits.'}
            </Text>
            <CreateRateLimitModal limits={data} isOpen={isCreating} onClose={creating.close} />
          </>
        )}
      </AsyncView>
    </>
  );
}
