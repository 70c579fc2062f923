import { useCallback, useEffect, useRef } from 'react';
import type { ReportResult } from '@contracts/reporting.ts';
import { useMutation } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { cancelReport, runReport } from './report-writes.ts';

export type ReportRun = {
  result: ReportResult | undefined;
  error: Error | null;
  isRunning: boolean;
  run: (query: string) => void;
  cancel: () => void;
};

/** Runs queries one at a time. Who leaves the page does not want the answer any more. */
export function useRunReport(): ReportRun {
  const { id } = useOrganization();
  const running = useRef<{ runId: string; request: AbortController } | null>(null);
  const mutation = useMutation({
    mutationFn: async (query: string) => {
      const run = { runId: crypto.randomUUID(), request: new AbortController() };
      running.current = run;
      try {
        return await runReport(id, query, { runId: run.runId, signal: run.request.signal });
      } catch (error) {
        // That it was ended is what was asked for.
        if (run.request.signal.aborted) return undefined;
        throw error;
      } finally {
        if (running.current === run) running.current = null;
      }
    },
  });
  // Nobody waits for the database: the end of the request ends the query too, and else the limit of its time does.
  const cancel = useCallback((): void => {
    if (running.current === null) return;
    running.current.request.abort();
    cancelReport(id, running.current.runId).catch(() => {});
  }, [id]);
  useEffect(() => cancel, [cancel]);
  return {
    result: mutation.data,
    error: mutation.error,
    isRunning: mutation.isPending,
    run: (query) => mutation.mutate(query),
    cancel,
  };
}
