import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import type { Tables, TablesUpdate } from '@db';
import { requireSuccess, unwrap } from '@/lib/errors.ts';
import { paths } from '@/lib/paths.ts';
import { useUserId } from '@/lib/session.tsx';
import { supabase } from '@/lib/supabase.ts';
import { organizationQueries } from '../organizations/organization-queries.ts';

export type OrganizationChange = Pick<
  TablesUpdate<'organizations'>,
  | 'name'
  | 'slug'
  | 'time_zone'
  | 'on_client_abort'
  | 'allows_unpriced_models'
  | 'max_attempts'
  | 'personal_key_limit_usd'
  | 'sends_weekly_report'
>;

export function useChangeOrganization({
  id,
  slug: formerSlug,
}: Pick<Tables<'organizations'>, 'id' | 'slug'>) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { queryKey: mine } = organizationQueries.mine(useUserId());
  return useMutation({
    // Asks for the row back: a policy that allows nothing would otherwise look like success.
    mutationFn: async (change: OrganizationChange) =>
      unwrap(await supabase().from('organizations').update(change).eq('id', id).select('slug').maybeSingle()),
    onSuccess: async ({ slug }) => {
      if (slug !== formerSlug) {
        // Under both addresses until the new one is open, so that the page stays where it is.
        client.setQueryData(mine, (list) =>
          list?.flatMap((each) => (each.id === id ? [each, { ...each, slug }] : [each])),
        );
        await navigate(paths.settings(slug), { replace: true });
      }
      await client.invalidateQueries({ queryKey: organizationQueries.all });
    },
  });
}

export async function transferOrganization(organizationId: string, userId: string): Promise<void> {
  requireSuccess(
    await supabase().rpc('transfer_organization', { organization_id: organizationId, user_id: userId }),
  );
}

export async function deleteOrganization(organizationId: string, slug: string): Promise<void> {
  requireSuccess(await supabase().rpc('delete_organization', { organization_id: organizationId, slug }));
}
