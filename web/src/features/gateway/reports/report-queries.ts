import { queryOptions } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export type Dimension = 'model' | 'provider' | 'project' | 'proxy_key' | 'user' | 'agent';

/** `toAt` is not included. */
export type Span = { fromAt: Date; toAt: Date };

type BreakDown = Span & { dimension: Dimension; byDay?: boolean };

export const reportQueries = {
  all: (organizationId: string) => ['gateway', organizationId, 'reports'],
  summary: (organizationId: string, { fromAt, toAt }: Span) =>
    queryOptions({
      queryKey: [...reportQueries.all(organizationId), 'summary', fromAt.toISOString(), toAt.toISOString()],
      queryFn: async () =>
        unwrap(
          await supabase()
            .rpc('summarize_usage', {
              organization_id: organizationId,
              from_at: fromAt.toISOString(),
              to_at: toAt.toISOString(),
            })
            .single(),
        ),
    }),
  /** Dearest first; by day in the organization's zone if asked. */
  breakdown: (organizationId: string, { fromAt, toAt, dimension, byDay = false }: BreakDown) =>
    queryOptions({
      queryKey: [
        ...reportQueries.all(organizationId),
        'breakdown',
        dimension,
        byDay,
        fromAt.toISOString(),
        toAt.toISOString(),
      ],
      queryFn: async () =>
        unwrap(
          await supabase().rpc('break_down_usage', {
            organization_id: organizationId,
            from_at: fromAt.toISOString(),
            to_at: toAt.toISOString(),
            dimension,
            by_day: byDay,
          }),
        ),
    }),
};
