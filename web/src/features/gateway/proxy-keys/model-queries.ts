import { queryOptions } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export const modelQueries = {
  /** Every model that has a price here, by provider. */
  list: () =>
    queryOptions({
      queryKey: ['gateway', 'models'],
      staleTime: 600_000,
      queryFn: async () =>
        unwrap(
          await supabase()
            .from('models')
            .select('provider, model, display_name')
            .eq('is_deprecated', false)
            .order('provider')
            .order('model'),
        ),
    }),
};
