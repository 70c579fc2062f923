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
  /** Of projects, keys and credentials, of which entries have the ids only. */
  names: (organizationId: string) =>
    queryOptions({
      queryKey: [...auditLogQueries.all(organizationId), 'names'],
      staleTime: 60_000,
      queryFn: () => fetchNames(organizationId),
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

async function fetchNames(organizationId: string): Promise<{ id: string; name: string }[]> {
  const select = (table: 'projects' | 'proxy_keys' | 'provider_credentials') =>
    supabase().from(table).select('id, name').eq('organization_id', organizationId);
  const answers = await Promise.all([
    select('projects'),
    select('proxy_keys'),
    select('provider_credentials'),
  ]);
  return answers.flatMap(unwrap);
}
