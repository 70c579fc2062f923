import { queryOptions } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export const invitationQueries = {
  /** What the holder of a token is invited to; null when no invitation has it. */
  byToken: (token: string) =>
    queryOptions({
      queryKey: ['invitations', 'by-token', token],
      queryFn: async () => unwrap(await supabase().rpc('show_invitation', { token })).at(0) ?? null,
    }),
};
