import { useMemo } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { spendStatusQueries } from '../spend/spend-status-queries.ts';

const minuteMs = 60_000;

/** From when on the plan shows rows and charts; null: all of them, undefined while that is not known. */
export function useHistoryStart(): Date | null | undefined {
  const { id } = useOrganization();
  const { data: minute } = useQuery({
    ...spendStatusQueries.current(id),
    // So that nothing is drawn anew each second.
    select: ({ historyStartsAt }) => historyStartsAt && Math.floor(historyStartsAt.getTime() / minuteMs),
  });
  return useMemo(() => (typeof minute === 'number' ? new Date(minute * minuteMs) : minute), [minute]);
}
