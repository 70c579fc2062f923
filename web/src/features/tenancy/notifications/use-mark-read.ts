import { useMutation, useQueryClient } from '@tanstack/react-query';
import { requireSuccess } from '@/lib/errors.ts';
import { useUserId } from '@/lib/session.tsx';
import { supabase } from '@/lib/supabase.ts';
import { notifyError } from '@/ui/notify.ts';
import { notificationQueries } from './notification-queries.ts';

/** Marks some of one's notifications, or all of them, as read, and shows it. */
export function useMarkRead() {
  const userId = useUserId();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (ids?: number[]) =>
      requireSuccess(await supabase().rpc('mark_notifications_read', { ...(ids && { ids }) })),
    onError: notifyError,
    onSettled: () => client.invalidateQueries({ queryKey: notificationQueries.all(userId) }),
  });
}
