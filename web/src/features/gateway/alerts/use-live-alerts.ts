import { useQueryClient } from '@tanstack/react-query';
import { useTopic } from '@/lib/live/use-topic.ts';
import { alertQueries } from './alert-queries.ts';

/** Keeps alerts and how many are new true, whatever page is open. */
export function useLiveAlerts(organizationId: string): void {
  const client = useQueryClient();
  const refresh = (): void => void client.invalidateQueries({ queryKey: alertQueries.all(organizationId) });
  useTopic(
    { of: 'organization', organizationId, stream: 'costs' },
    {
      onMessage: (event) => {
        if (event === 'alerts_moved') refresh();
      },
      onPull: refresh,
    },
  );
}
