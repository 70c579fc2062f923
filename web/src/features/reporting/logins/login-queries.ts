import { queryOptions } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export type ReportingLogin = Awaited<ReturnType<typeof fetchLogins>>[number];

export const loginQueries = {
  all: (organizationId: string) => ['reporting', organizationId, 'logins'],
  /** Newest first. */
  list: (organizationId: string) =>
    queryOptions({
      queryKey: loginQueries.all(organizationId),
      queryFn: () => fetchLogins(organizationId),
    }),
};

async function fetchLogins(organizationId: string) {
  return unwrap(
    await supabase()
      .from('reporting_logins')
      .select('id, name, username, created_at, last_used_at')
      .eq('organization_id', organizationId)
      .order('created_at', { ascending: false })
      .order('id'),
  );
}
