import { queryOptions } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import type { Organization } from '@/lib/organization.tsx';
import { supabase } from '@/lib/supabase.ts';

/** How many people may belong to the organization, open invitations counted in; null is without limit. */
export const memberLimitQuery = ({ id, plan }: Organization) =>
  queryOptions({
    queryKey: ['tenancy', id, 'member-limit', plan],
    staleTime: 60_000,
    queryFn: async (): Promise<number | null> => {
      const [overrides, limits] = await Promise.all([
        supabase()
          .from('organization_plan_overrides')
          .select('amount, is_unlimited')
          .eq('organization_id', id)
          .eq('resource', 'members'),
        supabase()
          .from('plan_limits')
          .select('amount, is_unlimited')
          .eq('plan', plan)
          .eq('resource', 'members'),
      ]);
      const limit = unwrap(overrides)[0] ?? unwrap(limits)[0];
      return limit?.is_unlimited ? null : (limit?.amount ?? 0);
    },
  });
