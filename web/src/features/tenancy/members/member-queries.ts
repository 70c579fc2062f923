import { queryOptions } from '@tanstack/react-query';
import { requireSuccess, unwrap } from '@/lib/errors.ts';
import type { Role } from '@contracts/tenancy.ts';
import { supabase } from '@/lib/supabase.ts';
import { parseRole } from '../parse-role.ts';

export type Member = { userId: string; email: string; fullName: string; role: Role; joinedAt: string };

export const memberQueries = {
  all: (organizationId: string) => ['tenancy', organizationId, 'members'],
  /** Owners first, then admins, then members, each by name. */
  list: (organizationId: string) =>
    queryOptions({
      queryKey: memberQueries.all(organizationId),
      queryFn: async (): Promise<Member[]> => {
        const rows = unwrap(
          await supabase()
            .from('organization_members')
            .select('user_id, role, created_at, profiles!inner (email, full_name)')
            .eq('organization_id', organizationId),
        );
        return rows
          .map(({ user_id, role, created_at, profiles }) => ({
            userId: user_id,
            email: profiles.email,
            fullName: profiles.full_name,
            role: parseRole(role),
            joinedAt: created_at,
          }))
          .sort(byRankThenName);
      },
    }),
};

export const nameOf = ({ fullName, email }: Pick<Member, 'fullName' | 'email'>): string => fullName || email;

const rank: Record<Role, number> = { owner: 0, admin: 1, member: 2 };

const byRankThenName = (one: Member, other: Member): number =>
  rank[one.role] - rank[other.role] || nameOf(one).localeCompare(nameOf(other));

export async function changeMemberRole(organizationId: string, userId: string, role: Role): Promise<void> {
  requireSuccess(
    await supabase().rpc('change_member_role', { organization_id: organizationId, user_id: userId, role }),
  );
}

/** Of oneself: leaving, which revokes no keys. */
export async function removeMember(
  organizationId: string,
  userId: string,
  { revokesKeys = false } = {},
): Promise<void> {
  requireSuccess(
    await supabase().rpc('remove_member', {
      organization_id: organizationId,
      user_id: userId,
      revokes_keys: revokesKeys,
    }),
  );
}
