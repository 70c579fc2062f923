import { useMemo, useState } from 'react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useLiveUsage } from '../spend/use-live-usage.ts';
import {
  type Call,
  type CallScope,
  callQueries,
  fetchCalls,
  fetchCallsById,
  pageSize,
} from './call-queries.ts';
import { isNewer, leavesGap, mergeCalls } from './merge-calls.ts';

const mostAskedById = 100;

/** Rows kept beside the loaded pages before the list begins anew. */
const mostLive = 1_000;

/**
 * A scope's calls: pages as they are loaded, kept true by what happens since. While `isHeld` nothing is added above
 * the reader; what waits there is counted.
 */
export function useLiveCalls(scope: CallScope, isHeld: boolean) {
  const queryClient = useQueryClient();
  const pages = useInfiniteQuery(callQueries.pages(scope));
  const [live, setLive] = useState<readonly Call[]>([]);
  const [hasGap, setGap] = useState(false);
  const calls = useMemo(() => mergeCalls(pages.data?.pages.flat() ?? [], live), [pages.data, live]);
  const top = useHeldTop(calls[0], isHeld);

  const beginAnew = (head: Call[]): void => {
    queryClient.setQueryData(callQueries.pages(scope).queryKey, {
      pages: [head],
      pageParams: [undefined],
    });
    setLive([]);
    setGap(false);
  };
  const refresh = async (): Promise<void> => {
    if (!pages.isSuccess) return;
    const head = await fetchCalls(scope, { limit: pageSize });
    if (leavesGap(head, pageSize, calls[0]) || live.length > mostLive) {
      return isHeld ? setGap(true) : beginAnew(head);
    }
    const running = await fetchCallsById(scope.organizationId, runningBelow(calls, head));
    setLive((before) => mergeCalls(before, [...running, ...head]));
  };
  useLiveUsage(refresh);

  const shown = top ? calls.filter((call) => !isNewer(call, top)) : calls;
  return {
    pages,
    calls: shown,
    waiting: calls.length - shown.length,
    /** So many calls were made that the list cannot grow together any more. */
    hasGap,
    showNewest: async (): Promise<void> => {
      if (hasGap) beginAnew(await fetchCalls(scope, { limit: pageSize }));
    },
  };
}

/** The newest call at the moment when the list was held. */
function useHeldTop(newest: Call | undefined, isHeld: boolean): Call | undefined {
  const [held, setHeld] = useState<{ isHeld: boolean; top: Call | undefined }>({
    isHeld,
    top: undefined,
  });
  if (held.isHeld === isHeld) return held.top;
  const next = { isHeld, top: isHeld ? newest : undefined };
  setHeld(next);
  return next.top;
}

/** Loaded calls that were in flight and are too far down to be among the newest. */
function runningBelow(calls: readonly Call[], head: readonly Call[]): string[] {
  const inHead = new Set(head.map(({ id }) => id));
  return calls
    .filter(({ id, status }) => status === 'reserved' && !inHead.has(id))
    .slice(0, mostAskedById)
    .map(({ id }) => id);
}
