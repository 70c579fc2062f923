import { queryOptions } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

/** The members' names by id; who has left is not among them. */
export const peopleQuery = (organizationId: string) =>
  queryOptions({
    queryKey: ['work', organizationId, 'people'],
    staleTime: 60_000,
    queryFn: async (): Promise<ReadonlyMap<string, string>> => {
      const rows = unwrap(
        await supabase()
          .from('organization_members')
          .select('user_id, profiles!inner (email, full_name)')
          .eq('organization_id', organizationId),
      );
      return new Map(rows.map(({ user_id: id, profiles }) => [id, profiles.full_name || profiles.email]));
    },
  });
