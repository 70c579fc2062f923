import { queryOptions } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

/** Keys that a member made for all and nobody has revoked, with their projects; oldest first. Personal ones go with them. */
export const madeKeysQuery = (organizationId: string, userId: string) =>
  queryOptions({
    queryKey: ['tenancy', organizationId, 'made-keys', userId],
    queryFn: async () =>
      unwrap(
        await supabase()
          .from('proxy_keys')
          .select('id, name, projects!inner (name)')
          .eq('organization_id', organizationId)
          .eq('created_by', userId)
          .is('member_id', null)
          .is('revoked_at', null)
          .order('created_at')
          .order('id'),
      ),
  });
