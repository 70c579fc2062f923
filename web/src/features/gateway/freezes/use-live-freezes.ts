import { useQueryClient } from '@tanstack/react-query';
import { useTopic } from '@/lib/live/use-topic.ts';
import { freezeQueries } from './freeze-queries.ts';

/** Keeps true what is frozen, whatever page is open: a colleague may freeze too. */
export function useLiveFreezes(organizationId: string): void {
  const client = useQueryClient();
  const refresh = (): void => void client.invalidateQueries({ queryKey: freezeQueries.all(organizationId) });
  useTopic(
    { of: 'organization', organizationId, stream: 'costs' },
    {
      onMessage: (event) => {
        if (event === 'freezes_moved') refresh();
      },
      onPull: refresh,
    },
  );
}
