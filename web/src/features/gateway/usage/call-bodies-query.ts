import { queryOptions } from '@tanstack/react-query';
import { requireSuccess } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

/** Null where none were kept. They are written a moment after the call, and never changed. */
export const callBodiesQuery = (organizationId: string, callId: string) =>
  queryOptions({
    queryKey: ['gateway', organizationId, 'call-bodies', callId],
    queryFn: async () => {
      const answer = await supabase()
        .from('call_bodies')
        .select('logging, request, response, request_bytes, response_bytes')
        .eq('organization_id', organizationId)
        .eq('call_id', callId)
        .maybeSingle();
      requireSuccess(answer);
      return answer.data;
    },
  });
