import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { unwrap } from '@/lib/errors.ts';
import type { Organization } from '@/lib/organization.tsx';
import { supabase } from '@/lib/supabase.ts';
import { parseRole } from '../parse-role.ts';

const Preferences = z
  .object({ onboarding: z.enum(['skipped', 'done']).optional().catch(undefined) })
  .catch({});

export const organizationQueries = {
  all: ['organizations'] as const,
  /** The caller's organizations by name, with the caller's role in each. */
  mine: (userId: string) =>
    queryOptions({
      queryKey: [...organizationQueries.all, 'mine', userId],
      staleTime: 60_000,
      queryFn: async (): Promise<Organization[]> => {
        const memberships = unwrap(
          await supabase()
            .from('organization_members')
            .select(
              'role, organizations!inner (id, slug, name, plan, time_zone, preferences, personal_key_limit_usd::text)',
            )
            .eq('user_id', userId),
        );
        return memberships
          .map(({ role, organizations: row }) => toOrganization(row, parseRole(role)))
          .sort((one, other) => one.name.localeCompare(other.name));
      },
    }),
  /** The whole row, for Settings. */
  detail: (organizationId: string) =>
    queryOptions({
      queryKey: [...organizationQueries.all, organizationId],
      queryFn: async () =>
        unwrap(await supabase().from('organizations').select().eq('id', organizationId).maybeSingle()),
    }),
};

type Row = {
  id: string;
  slug: string;
  name: string;
  plan: string;
  time_zone: string;
  preferences: unknown;
  personal_key_limit_usd: string | null;
};

function toOrganization(row: Row, role: Organization['role']): Organization {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    plan: row.plan,
    timeZone: row.time_zone,
    personalKeyLimitUsd: row.personal_key_limit_usd,
    role,
    canManage: role !== 'member',
    isOwner: role === 'owner',
    onboarding: Preferences.parse(row.preferences).onboarding ?? 'open',
  };
}
