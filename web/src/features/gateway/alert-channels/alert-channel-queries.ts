import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import type { Tables } from '@db';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export type AlertChannel = Tables<'alert_channels'>;

/** What was given up, with the alert that it was about. */
const DeadDelivery = z.object({
  id: z.string(),
  channel_id: z.string().nullable(),
  recipient: z.string(),
  last_error: z.string().nullable(),
  created_at: z.string(),
  alerts: z.object({ kind: z.string(), facts: z.record(z.string(), z.unknown()) }),
});
export type DeadDelivery = z.infer<typeof DeadDelivery>;

const pollMs = 10_000;

export const alertChannelQueries = {
  all: (organizationId: string) => ['gateway', organizationId, 'alert-channels'],
  /** Oldest first; asked again now and then, since deliveries change what is said of them. */
  list: (organizationId: string) =>
    queryOptions({
      queryKey: [...alertChannelQueries.all(organizationId), 'list'],
      refetchInterval: pollMs,
      queryFn: async () =>
        unwrap(
          await supabase()
            .from('alert_channels')
            .select()
            .eq('organization_id', organizationId)
            .order('created_at')
            .order('id'),
        ),
    }),
  /** The latest that were given up. */
  dead: (organizationId: string) =>
    queryOptions({
      queryKey: [...alertChannelQueries.all(organizationId), 'dead'],
      refetchInterval: pollMs,
      queryFn: async (): Promise<DeadDelivery[]> => {
        const rows = unwrap(
          await supabase()
            .from('alert_deliveries')
            .select('id, channel_id, recipient, last_error, created_at, alerts!inner (kind, facts)')
            .eq('organization_id', organizationId)
            .eq('status', 'dead')
            .order('created_at', { ascending: false })
            .limit(50),
        );
        return z.array(DeadDelivery).parse(rows);
      },
    }),
};
