import { queryOptions } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

/** The name by which the others know who is signed in. */
export const viewerQuery = (userId: string) =>
  queryOptions({
    queryKey: ['whiteboard', 'viewer', userId],
    queryFn: async (): Promise<string> => {
      const { full_name: fullName, email } = unwrap(
        await supabase().from('profiles').select('full_name, email').eq('user_id', userId).single(),
      );
      return fullName === '' ? email : fullName;
    },
  });
