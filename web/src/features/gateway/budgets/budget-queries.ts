import { queryOptions } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import type { Usd } from '@/lib/money.ts';
import { supabase } from '@/lib/supabase.ts';
import { budgetScopes } from './budget-words.ts';

/** A budget that may not be there yet. */
export type DryRun = { scope: string; scopeId: string; period: string; limitUsd: Usd };

export type Budget = Awaited<ReturnType<typeof fetchBudgets>>[number];

export const budgetQueries = {
  all: (organizationId: string) => ['gateway', organizationId, 'budgets'],
  /** Those that bind everything first, then by what they bind. */
  list: (organizationId: string) =>
    queryOptions({
      queryKey: [...budgetQueries.all(organizationId), 'list'],
      queryFn: () => fetchBudgets(organizationId),
    }),
  /** What members asked for and nobody has decided yet, oldest first. */
  requests: (organizationId: string) =>
    queryOptions({
      queryKey: [...budgetQueries.all(organizationId), 'requests'],
      queryFn: async () =>
        unwrap(
          await supabase()
            .from('budget_requests')
            .select('id, budget_id, requested_by, limit_usd::text, reason, created_at')
            .eq('organization_id', organizationId)
            .eq('status', 'pending')
            .order('created_at'),
        ),
    }),
  /** What it would have refused last month, had it been there. */
  dryRun: (organizationId: string, { scope, scopeId, period, limitUsd }: DryRun) =>
    queryOptions({
      queryKey: ['gateway', organizationId, 'budget-dry-run', scope, scopeId, period, limitUsd],
      staleTime: 300_000,
      queryFn: async () =>
        unwrap(
          await supabase()
            .rpc('dry_run_budget', {
              organization_id: organizationId,
              scope,
              scope_id: scopeId,
              period,
              limit_usd: Number(limitUsd),
            })
            .single(),
        ),
    }),
  /** The latest first. */
  warnings: (organizationId: string, budgetId: string) =>
    queryOptions({
      queryKey: [...budgetQueries.all(organizationId), 'warnings', budgetId],
      queryFn: async () =>
        unwrap(
          await supabase()
            .from('budget_warnings')
            .select('id, percent, spent_usd::text, limit_usd::text, created_at')
            .eq('organization_id', organizationId)
            .eq('budget_id', budgetId)
            .order('id', { ascending: false })
            .limit(20),
        ),
    }),
};

// Money is asked for as text: a JSON number would be a float.
const columns =
  'id, scope, scope_id, period, mode, warn_at, window_start, window_end, raised_until, regular_limit_usd::text, limit_usd::text, spent_usd::text, held_usd::text';

async function fetchBudgets(organizationId: string) {
  const budgets = unwrap(
    await supabase()
      .from('budgets')
      .select(columns)
      .eq('organization_id', organizationId)
      .order('created_at')
      .order('id'),
  );
  const rank = ({ scope }: { scope: string }) => budgetScopes.findIndex((each) => each === scope);
  return budgets.toSorted((left, right) => rank(left) - rank(right));
}
