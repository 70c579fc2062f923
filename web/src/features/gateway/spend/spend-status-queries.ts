import { queryOptions } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import type { Usd } from '@/lib/money.ts';
import { supabase } from '@/lib/supabase.ts';

export type SpendStatus = {
  /** Moves whenever something happened that reports or lists may show. */
  signature: string;
  todayUsd: Usd;
  monthUsd: Usd;
  heldUsd: Usd;
  /** null: unlimited */
  budgetUsd: Usd | null;
  todayCalls: number;
  monthStartedAt: string;
  monthEndsAt: string;
  /** From when on the plan shows rows and charts; null: all of them. */
  historyStartsAt: Date | null;
  /** The beginning of the first call's day, however long ago; null before it. */
  firstCallAt: Date | null;
};

const pollMs = 1_000;

export const spendStatusQueries = {
  /** Spend of today and this month, asked again every second while the tab is visible. */
  current: (organizationId: string) =>
    queryOptions({
      queryKey: ['gateway', organizationId, 'spend-status'],
      queryFn: () => fetchSpendStatus(organizationId),
      refetchInterval: pollMs,
      staleTime: pollMs,
    }),
};

async function fetchSpendStatus(organizationId: string): Promise<SpendStatus> {
  const row = unwrap(await supabase().rpc('spend_status', { organization_id: organizationId }).single());
  // The generated types know no nulls in what a function returns.
  const budgetUsd: Usd | null = row.budget_usd;
  const historyStartsAt: string | null = row.history_starts_at;
  const firstCallAt: string | null = row.first_call_at;
  return {
    // A refused call takes no hold and leaves the version alone, but it is counted.
    signature: `${row.month_started_at} ${row.version} ${row.month_calls}`,
    todayUsd: row.today_usd,
    monthUsd: row.month_usd,
    heldUsd: row.held_usd,
    budgetUsd: row.budget_is_unlimited ? null : (budgetUsd ?? '0'),
    todayCalls: row.today_calls,
    monthStartedAt: row.month_started_at,
    monthEndsAt: row.month_ends_at,
    historyStartsAt: historyStartsAt === null ? null : new Date(historyStartsAt),
    firstCallAt: firstCallAt === null ? null : new Date(firstCallAt),
  };
}
