import { useEffect, useRef } from 'react';
import type { ReportResult } from '@contracts/reporting.ts';
import { useMutation } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { notifyError } from '@/ui/notify.ts';
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
  const running = useRef<string | null>(null);
  const cancelled = useRef<string | null>(null);
  const mutation = useMutation({
    mutationFn: async (query: string) => {
      const runId = crypto.randomUUID();
      running.current = runId;
      try {
        return await runReport(id, runId, query);
      } catch (error) {
        // That it was ended is what was asked for.
        if (cancelled.current === runId) return undefined;
        throw error;
      } finally {
        running.current = null;
      }
    },
  });
  const cancel = (): void => {
    if (running.current === null) return;
    cancelled.current = running.current;
    cancelReport(id, running.current).catch(notifyError);
  };
  useEffect(
    () => () => {
      if (running.current !== null) cancelReport(id, running.current).catch(() => {});
    },
    [id],
  );
  return {
    result: mutation.data,
    error: mutation.error,
    isRunning: mutation.isPending,
    run: (query) => mutation.mutate(query),
    cancel,
  };
}
