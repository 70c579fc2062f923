import { queryOptions } from '@tanstack/react-query';
import type { Tables } from '@db';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export type Project = Tables<'projects'>;

export const projectQueries = {
  all: (organizationId: string) => ['gateway', organizationId, 'projects'],
  /** Archived ones too, oldest first: calls of an archived project still carry its name. */
  list: (organizationId: string) =>
    queryOptions({
      queryKey: projectQueries.all(organizationId),
      staleTime: 60_000,
      queryFn: async () =>
        unwrap(
          await supabase()
            .from('projects')
            .select()
            .eq('organization_id', organizationId)
            .order('created_at')
            .order('id'),
        ),
    }),
};
