import { useMemo } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import type { OfficeTasks } from './life/office-log.ts';
import { officeQueries } from './office-queries.ts';

/** Whoever works renews long before the end, so it is looked at again a little before it. */
const aheadMs = 3_000;
const leastBetweenMs = 2_000;

/**
 * Whether a run of a task holds a lease: only then its agent works. Renewals are no events, so what is known is asked
 * again when it is nearly over, once for each lease and only while the page is looked at.
 */
export function useLeases(tasks: OfficeTasks, offsetMs: number): (taskId: string) => boolean {
  const { id } = useOrganization();
  const running = useMemo(
    () => [...tasks.values()].flatMap((task) => (task.status === 'in_progress' ? [task.id] : [])).toSorted(),
    [tasks],
  );
  const { data } = useQuery({
    ...officeQueries.leases(id, running),
    enabled: running.length > 0,
    placeholderData: (before) => before,
    refetchInterval: ({ state }) => {
      const ends = [...(state.data?.values() ?? [])].map(
        (endMs) => endMs - (Date.now() + offsetMs) - aheadMs,
      );
      return Math.max(leastBetweenMs, Math.min(...ends, 60_000));
    },
  });
  return (taskId) => {
    const endMs = data?.get(taskId);
    // Just begun: whoever began it has its lease.
    return endMs === undefined || endMs > Date.now() + offsetMs;
  };
}
