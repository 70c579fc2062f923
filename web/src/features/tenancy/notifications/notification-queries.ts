import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { Notification } from '@contracts/notifications.ts';
import { requireSuccess, unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

const NotificationRow = Notification.extend({
  read_at: z.string().nullable(),
  created_at: z.string(),
  /** null: the caller is only invited there. */
  organizations: z.object({ slug: z.string(), name: z.string() }).nullable(),
});
export type NotificationRow = z.infer<typeof NotificationRow>;

const pageSize = 20;

export const notificationQueries = {
  all: (userId: string) => ['notifications', userId],
  /** In all of one's organizations, newest first; each page continues below the last id seen. */
  list: (userId: string) =>
    infiniteQueryOptions({
      queryKey: [...notificationQueries.all(userId), 'list'],
      initialPageParam: Number.MAX_SAFE_INTEGER,
      queryFn: async ({ pageParam }): Promise<NotificationRow[]> =>
        z
          .array(NotificationRow)
          .parse(
            unwrap(
              await supabase()
                .from('notifications')
                .select('id, kind, subject_id, data, read_at, created_at, organizations (slug, name)')
                .lt('id', pageParam)
                .order('id', { ascending: false })
                .limit(pageSize),
            ),
          ),
      getNextPageParam: (page) => (page.length < pageSize ? undefined : page.at(-1)?.id),
    }),
  unreadCount: (userId: string) =>
    queryOptions({
      queryKey: [...notificationQueries.all(userId), 'unread-count'],
      queryFn: async (): Promise<number> => {
        const answer = await supabase()
          .from('notifications')
          .select('id', { count: 'exact', head: true })
          .is('read_at', null);
        requireSuccess(answer);
        return answer.count ?? 0;
      },
    }),
};
