import { queryOptions } from '@tanstack/react-query';
import type { Tables } from '@db';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export type ModelAlias = Tables<'model_aliases'>;

export const modelAliasQueries = {
  all: (organizationId: string) => ['gateway', organizationId, 'model-aliases'],
  /** By name. */
  list: (organizationId: string) =>
    queryOptions({
      queryKey: modelAliasQueries.all(organizationId),
      queryFn: async () =>
        unwrap(
          await supabase().from('model_aliases').select().eq('organization_id', organizationId).order('name'),
        ),
    }),
};
