import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { Alert } from '@contracts/alerts.ts';
import { requireSuccess, unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

const AlertRow = Alert.extend({
  seen_at: z.string().nullable(),
  seen_by: z.string().nullable(),
  resolved_at: z.string().nullable(),
});
export type AlertRow = z.infer<typeof AlertRow>;

export const alertStates = ['open', 'unseen', 'all'] as const;
/** Open: its cause lasts, or nobody can say that it is over. */
export type AlertState = (typeof alertStates)[number];
export type AlertFilters = { state: AlertState; kind: string | undefined };

const pageSize = 30;
const columns =
  'id, kind, severity, subject_type, subject_id, facts, seen_at, seen_by, resolved_at, created_at';

export const alertQueries = {
  all: (organizationId: string) => ['gateway', organizationId, 'alerts'],
  /** Newest first; each page continues below the last id seen. */
  list: (organizationId: string, { state, kind }: AlertFilters) =>
    infiniteQueryOptions({
      queryKey: [...alertQueries.all(organizationId), 'list', state, kind],
      initialPageParam: Number.MAX_SAFE_INTEGER,
      queryFn: async ({ pageParam }): Promise<AlertRow[]> => {
        let query = supabase()
          .from('alerts')
          .select(columns)
          .eq('organization_id', organizationId)
          .lt('id', pageParam)
          .order('id', { ascending: false })
          .limit(pageSize);
        if (state !== 'all') query = query.is('resolved_at', null);
        if (state === 'unseen') query = query.is('seen_at', null);
        if (kind !== undefined) query = query.eq('kind', kind);
        return z.array(AlertRow).parse(unwrap(await query));
      },
      getNextPageParam: (page) => (page.length < pageSize ? undefined : page.at(-1)?.id),
    }),
  detail: (organizationId: string, id: number) =>
    queryOptions({
      queryKey: [...alertQueries.all(organizationId), 'detail', id],
      queryFn: async (): Promise<AlertRow | null> => {
        const [row] = unwrap(
          await supabase().from('alerts').select(columns).eq('organization_id', organizationId).eq('id', id),
        );
        return row === undefined ? null : AlertRow.parse(row);
      },
    }),
  /** How many are open that no admin has looked at. */
  unseenCount: (organizationId: string) =>
    queryOptions({
      queryKey: [...alertQueries.all(organizationId), 'unseen-count'],
      queryFn: async (): Promise<number> => {
        const answer = await supabase()
          .from('alerts')
          .select('id', { count: 'exact', head: true })
          .eq('organization_id', organizationId)
          .is('seen_at', null)
          .is('resolved_at', null);
        requireSuccess(answer);
        return answer.count ?? 0;
      },
    }),
  /** To whom an alert went, and what became of it. Only admins see any. */
  deliveries: (organizationId: string, alertId: number) =>
    queryOptions({
      queryKey: [...alertQueries.all(organizationId), 'deliveries', alertId],
      queryFn: async () =>
        unwrap(
          await supabase()
            .from('alert_deliveries')
            .select('id, channel_id, recipient, status, attempts, due_at, last_error, delivered_at')
            .eq('organization_id', organizationId)
            .eq('alert_id', alertId)
            .order('recipient'),
        ),
    }),
};
