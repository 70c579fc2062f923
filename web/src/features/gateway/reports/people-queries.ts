import { queryOptions } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export const peopleQueries = {
  /** The organization's own agents, archived ones too, whose calls carry their ids. */
  agents: (organizationId: string) =>
    queryOptions({
      queryKey: ['gateway', organizationId, 'agents'],
      staleTime: 300_000,
      queryFn: async () =>
        unwrap(await supabase().from('agents').select('id, name').eq('organization_id', organizationId)),
    }),

  /** Members, to put names to the user ids and addresses that calls carry. */
  list: (organizationId: string) =>
    queryOptions({
      queryKey: ['gateway', organizationId, 'people'],
      staleTime: 300_000,
      queryFn: async () => {
        const members = unwrap(
          await supabase()
            .from('organization_members')
            .select('profiles!inner (user_id, full_name, email)')
            .eq('organization_id', organizationId),
        );
        return members.map(({ profiles }) => profiles);
      },
    }),
};
