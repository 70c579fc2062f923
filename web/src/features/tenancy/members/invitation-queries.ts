import { queryOptions } from '@tanstack/react-query';
import { type Role, SentInvitation } from '@contracts/tenancy.ts';
import { callFunction } from '@/lib/api.ts';
import { requireSuccess, unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';
import { parseRole } from '../parse-role.ts';

export type Invitation = { id: string; email: string; role: Role; expiresAt: string; createdAt: string };

export const invitationQueries = {
  all: (organizationId: string) => ['tenancy', organizationId, 'invitations'],
  /** Those that nobody has accepted yet, expired ones too, newest first. */
  open: (organizationId: string) =>
    queryOptions({
      queryKey: invitationQueries.all(organizationId),
      queryFn: async (): Promise<Invitation[]> => {
        const rows = unwrap(
          await supabase()
            .from('invitations')
            .select('id, email, role, expires_at, created_at')
            .eq('organization_id', organizationId)
            .is('accepted_at', null)
            .order('created_at', { ascending: false }),
        );
        return rows.map(({ id, email, role, expires_at, created_at }) => ({
          id,
          email,
          role: parseRole(role),
          expiresAt: expires_at,
          createdAt: created_at,
        }));
      },
    }),
};

type NewInvitation = { organizationId: string; email: string; role: string };

export function sendInvitation(invitation: NewInvitation): Promise<SentInvitation> {
  return callFunction({
    path: '/tenancy/invitations',
    method: 'POST',
    body: invitation,
    answer: SentInvitation,
  });
}

/** A new link; the earlier one stops working. */
export function resendInvitation(id: string): Promise<SentInvitation> {
  return callFunction({
    path: `/tenancy/invitations/${id}/resend`,
    method: 'POST',
    answer: SentInvitation,
  });
}

export async function withdrawInvitation(id: string): Promise<void> {
  requireSuccess(await supabase().from('invitations').delete().eq('id', id));
}
