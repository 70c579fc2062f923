import { useMemo } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type Usd, zeroUsd } from '@/lib/money.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { reportQueries } from '../reports/report-queries.ts';
import { spendStatusQueries } from './spend-status-queries.ts';
import { useLiveUsage } from './use-live-usage.ts';

type MonthSpend = { costUsd: Usd; calls: number };

const nothing: MonthSpend = { costUsd: zeroUsd, calls: 0 };

/** What each project or key spent this month, kept up to date; undefined while it is loading. */
export function useMonthSpend(dimension: 'project' | 'proxy_key'): ((key: string) => MonthSpend) | undefined {
  const { id } = useOrganization();
  const client = useQueryClient();
  const { data: status } = useQuery(spendStatusQueries.current(id));
  const { data: rows } = useQuery({
    ...reportQueries.breakdown(id, {
      fromAt: new Date(status?.monthStartedAt ?? 0),
      toAt: new Date(status?.monthEndsAt ?? 0),
      dimension,
    }),
    enabled: status !== undefined,
  });
  useLiveUsage(() => client.invalidateQueries({ queryKey: reportQueries.all(id) }));
  return useMemo(() => {
    if (!rows) return undefined;
    const byKey = new Map(rows.map((row) => [row.key, { costUsd: row.cost_usd, calls: row.calls }]));
    return (key: string) => byKey.get(key) ?? nothing;
  }, [rows]);
}
