import { queryOptions } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export const profileQueries = {
  mine: (userId: string) =>
    queryOptions({
      queryKey: ['profiles', userId],
      staleTime: 60_000,
      queryFn: async () =>
        unwrap(
          await supabase()
            .from('profiles')
            .select('user_id, email, full_name, preferences')
            .eq('user_id', userId)
            .maybeSingle(),
        ),
    }),
};
