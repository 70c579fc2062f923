import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { TablesUpdate } from '@db';
import { requireSuccess, unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';
import { organizationQueries } from '../organizations/organization-queries.ts';

export type OrganizationChange = Pick<
  TablesUpdate<'organizations'>,
  'name' | 'slug' | 'time_zone' | 'on_client_abort' | 'allows_unpriced_models'
>;

export function useChangeOrganization(organizationId: string) {
  const client = useQueryClient();
  return useMutation({
    // Asks for the row back: a policy that allows nothing would otherwise look like success.
    mutationFn: async (change: OrganizationChange) =>
      unwrap(
        await supabase()
          .from('organizations')
          .update(change)
          .eq('id', organizationId)
          .select('slug')
          .maybeSingle(),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: organizationQueries.all }),
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
