import { useEffect, useEffectEvent, useRef } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { spendStatusQueries } from './spend-status-queries.ts';

/**
 * Calls back when calls were reserved, settled or refused since the last time, at most once a second: as often as
 * the spend status is polled.
 */
export function useLiveUsage(onChange: () => void): void {
  const { id } = useOrganization();
  const signature = useQuery(spendStatusQueries.current(id)).data?.signature;
  const known = useRef(signature);
  const notify = useEffectEvent(onChange);
  useEffect(() => {
    if (signature === undefined || signature === known.current) return;
    const isFirst = known.current === undefined;
    known.current = signature;
    if (!isFirst) notify();
  }, [signature]);
}
