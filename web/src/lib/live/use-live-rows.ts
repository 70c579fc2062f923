import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useTopic } from './use-topic.ts';

/** Keeps what was asked under a key true, whatever page is open: asked again when the event says that rows moved. */
export function useLiveRows(organizationId: string, event: string, queryKey: QueryKey): void {
  const client = useQueryClient();
  const refresh = (): void => void client.invalidateQueries({ queryKey });
  useTopic(
    { of: 'organization', organizationId, stream: 'costs' },
    {
      onMessage: (told) => {
        if (told === event) refresh();
      },
      onPull: refresh,
    },
  );
}
