import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';
import { newerSpendStatus } from './newer-spend-status.ts';

/** What `spend_status` answers, and what is broadcast when it moves. */
const SpendStatusRow = z
  .object({
    version: z.string(),
    as_of: z.string(),
    today_usd: z.string(),
    month_usd: z.string(),
    held_usd: z.string(),
    budget_usd: z.string().nullable(),
    budget_is_unlimited: z.boolean(),
    today_calls: z.number(),
    month_calls: z.number(),
    month_started_at: z.string(),
    month_ends_at: z.string(),
    history_starts_at: z.string().nullable(),
    first_call_at: z.string().nullable(),
  })
  .transform((row) => ({
    /** Of the counter: moves with every reservation and settlement. */
    version: BigInt(row.version),
    asOf: new Date(row.as_of),
    /** Moves whenever something happened that reports or lists may show: a refused call takes no hold, but is counted. */
    signature: `${row.month_started_at} ${row.version} ${row.month_calls}`,
    todayUsd: row.today_usd,
    monthUsd: row.month_usd,
    heldUsd: row.held_usd,
    /** null: unlimited */
    budgetUsd: row.budget_is_unlimited ? null : (row.budget_usd ?? '0'),
    todayCalls: row.today_calls,
    monthStartedAt: row.month_started_at,
    monthEndsAt: row.month_ends_at,
    /** From when on the plan shows rows and charts; null: all of them. */
    historyStartsAt: row.history_starts_at === null ? null : new Date(row.history_starts_at),
    /** The beginning of the first call's day, however long ago; null before it. */
    firstCallAt: row.first_call_at === null ? null : new Date(row.first_call_at),
  }));
export type SpendStatus = z.infer<typeof SpendStatusRow>;

export const spendStatusQueries = {
  /** Spend of today and this month. Kept true by useLiveCosts. */
  current: (organizationId: string) => {
    const queryKey = ['gateway', organizationId, 'spend-status'];
    return queryOptions({
      queryKey,
      staleTime: 1_000,
      queryFn: async ({ client }): Promise<SpendStatus> => {
        const asked = await fetchSpendStatus(organizationId);
        // What was broadcast meanwhile may have overtaken the answer.
        return newerSpendStatus(client.getQueryData<SpendStatus>(queryKey), asked);
      },
    });
  },
};

/** A broadcast status; undefined for what is none. */
export const readSpendStatus = (payload: unknown): SpendStatus | undefined =>
  SpendStatusRow.safeParse(payload).data;

async function fetchSpendStatus(organizationId: string): Promise<SpendStatus> {
  return SpendStatusRow.parse(
    unwrap(await supabase().rpc('spend_status', { organization_id: organizationId }).single()),
  );
}
