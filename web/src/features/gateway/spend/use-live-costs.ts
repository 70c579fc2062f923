import { useQueryClient } from '@tanstack/react-query';
import { useOrganizationTopic } from '@/lib/live/use-topic.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { newerSpendStatus } from './newer-spend-status.ts';
import { readSpendStatus, type SpendStatus, spendStatusQueries } from './spend-status-queries.ts';

/** Keeps the spend status true while calls run: it is told once a second at most, and asked for after every gap. */
export function useLiveCosts(): void {
  const { id } = useOrganization();
  const client = useQueryClient();
  const { queryKey } = spendStatusQueries.current(id);
  useOrganizationTopic('costs', {
    onMessage: (event, payload) => {
      const told = event === 'costs_moved' ? readSpendStatus(payload) : undefined;
      if (told === undefined) return;
      client.setQueryData<SpendStatus>(queryKey, (known) => newerSpendStatus(known, told));
    },
    // Several parts of a page listen; what is asked for already is not asked for again.
    onPull: () => void client.refetchQueries({ queryKey, type: 'active' }, { cancelRefetch: false }),
  });
}
