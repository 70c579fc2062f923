import { queryOptions } from '@tanstack/react-query';
import type { Tables } from '@db';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export type Freeze = Tables<'freezes'>;

/** What can be frozen. */
export type Freezable = { scope: 'organization' | 'project' | 'proxy_key'; id: string; name: string };

export const freezeQueries = {
  all: (organizationId: string) => ['gateway', organizationId, 'freezes'],
  /** There are few; the shell keeps them true. */
  list: (organizationId: string) =>
    queryOptions({
      queryKey: freezeQueries.all(organizationId),
      queryFn: async () =>
        unwrap(await supabase().from('freezes').select().eq('organization_id', organizationId)),
    }),
};
