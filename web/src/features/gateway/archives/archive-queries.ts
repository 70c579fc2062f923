import { queryOptions } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export type ArchivedMonth = Awaited<ReturnType<typeof fetchMonths>>[number];

const restoringPollMs = 2_000;

export const archiveQueries = {
  all: (organizationId: string) => ['gateway', organizationId, 'archives'],
  /** Newest first, each with how far it is brought back; asked again while that goes on. */
  months: (organizationId: string) =>
    queryOptions({
      queryKey: [...archiveQueries.all(organizationId), 'months'],
      queryFn: () => fetchMonths(organizationId),
      refetchInterval: ({ state }) => (state.data?.some(isRestoring) ? restoringPollMs : false),
    }),
};

async function fetchMonths(organizationId: string) {
  const [months, restores] = await Promise.all([
    supabase()
      .from('usage_archive_months')
      .select('month, parts, calls, cost_usd::text, bytes')
      .eq('organization_id', organizationId)
      .order('month', { ascending: false }),
    supabase()
      .from('usage_restores')
      .select('month, parts, parts_done, restored_until, error')
      .eq('organization_id', organizationId),
  ]);
  const restoreOf = new Map(unwrap(restores).map((restore) => [restore.month, restore]));
  // The generated types believe that every column of a view may be null.
  return unwrap(months).map(({ month, parts, calls, cost_usd, bytes }) => ({
    month: month ?? '',
    parts: parts ?? 0,
    calls: calls ?? 0,
    costUsd: cost_usd ?? '0',
    bytes: bytes ?? 0,
    restore: restoreOf.get(month ?? ''),
  }));
}

export const isRestoring = ({ restore }: ArchivedMonth): boolean =>
  restore !== undefined && restore.error === null && restore.parts_done < restore.parts;

/** Where a month's parts are in the bucket, in order. */
export async function fetchPaths(organizationId: string, month: string): Promise<string[]> {
  const parts = unwrap(
    await supabase()
      .from('usage_archives')
      .select('path')
      .eq('organization_id', organizationId)
      .eq('month', month)
      .order('part'),
  );
  return parts.map(({ path }) => path);
}
