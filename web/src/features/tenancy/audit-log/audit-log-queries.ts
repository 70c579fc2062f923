import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Tables } from '@db';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export type AuditEntry = Tables<'audit_log'>;
export type AuditFilters = { subjectType: string | undefined; actorId: string | undefined };

const pageSize = 50;

export const auditLogQueries = {
  all: (organizationId: string) => ['tenancy', organizationId, 'audit-log'],
  /** Newest first; each page continues below the last id seen, so that new entries shift nothing. */
  list: (organizationId: string, filters: AuditFilters) =>
    infiniteQueryOptions({
      queryKey: [...auditLogQueries.all(organizationId), 'list', filters],
      initialPageParam: Number.MAX_SAFE_INTEGER,
      queryFn: async ({ pageParam }): Promise<AuditEntry[]> => {
        let query = supabase()
          .from('audit_log')
          .select()
          .eq('organization_id', organizationId)
          .lt('id', pageParam)
          .order('id', { ascending: false })
          .limit(pageSize);
        if (filters.subjectType !== undefined) query = query.eq('subject_type', filters.subjectType);
        if (filters.actorId !== undefined) query = query.eq('actor_id', filters.actorId);
        return unwrap(await query);
      },
      getNextPageParam: (page) => (page.length < pageSize ? undefined : page.at(-1)?.id),
    }),
  detail: (organizationId: string, id: number) =>
    queryOptions({
      queryKey: [...auditLogQueries.all(organizationId), id],
      staleTime: Infinity,
      queryFn: async () =>
        unwrap(
          await supabase()
            .from('audit_log')
            .select()
            .eq('organization_id', organizationId)
            .eq('id', id)
            .maybeSingle(),
        ),
    }),
};
