import { useQueryClient } from '@tanstack/react-query';
import { usePersonTopic } from '@/lib/live/use-topic.ts';
import { useUserId } from '@/lib/session.tsx';
import { notificationQueries } from './notification-queries.ts';

/** Keeps the bell true, whatever page is open: in this tab, and after what other tabs and devices did. */
export function useLiveNotifications(): void {
  const userId = useUserId();
  const client = useQueryClient();
  const refresh = (): void => void client.invalidateQueries({ queryKey: notificationQueries.all(userId) });
  usePersonTopic({
    onMessage: (event) => {
      if (event === 'notifications_moved') refresh();
    },
    onPull: refresh,
  });
}
