import { useEffect, useRef } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { spendStatusQueries } from './spend-status-queries.ts';
import { useLiveCosts } from './use-live-costs.ts';

/**
 * Runs `refresh` when calls were reserved, settled or refused, at most once a second: as often as costs are told.
 * Changes that come while it still runs make it run once more, so that the last state is always shown.
 */
export function useLiveUsage(refresh: () => Promise<unknown>): void {
  const { id } = useOrganization();
  useLiveCosts();
  const { data: signature } = useQuery({
    ...spendStatusQueries.current(id),
    select: (status) => status.signature,
  });
  const known = useRef(signature);
  const latestRefresh = useRef(refresh);
  const run = useRef({ isRunning: false, isDue: false });
  useEffect(() => {
    latestRefresh.current = refresh;
  });
  useEffect(() => {
    if (signature === undefined || signature === known.current) return;
    known.current = signature;
    run.current.isDue = true;
    if (!run.current.isRunning) void runWhileDue(run.current, latestRefresh);
  }, [signature]);
}

type Run = { isRunning: boolean; isDue: boolean };

async function runWhileDue(run: Run, refresh: { current: () => Promise<unknown> }): Promise<void> {
  run.isRunning = true;
  while (run.isDue) {
    run.isDue = false;
    // What fails here is shown by whoever owns the data, and the next change tries again.
    await refresh.current().catch(() => undefined);
  }
  run.isRunning = false;
}
