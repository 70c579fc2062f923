import { requireSuccess, unwrap } from '@/lib/errors.ts';
import type { Usd } from '@/lib/money.ts';
import { supabase } from '@/lib/supabase.ts';
import type { BudgetMode, BudgetPeriod, BudgetScope } from './budget-words.ts';

export type BudgetLimit = { limitUsd: Usd; mode: BudgetMode; warnAt: readonly number[] };
export type NewBudget = BudgetLimit & { scope: BudgetScope; scopeId: string; period: BudgetPeriod };

/** Answers the new budget's id. */
export async function createBudget(organizationId: string, budget: NewBudget): Promise<string> {
  const { id } = unwrap(
    await supabase()
      .from('budgets')
      .insert({
        organization_id: organizationId,
        scope: budget.scope,
        scope_id: budget.scope === 'organization' ? organizationId : budget.scopeId.trim(),
        period: budget.period,
        ...limitColumns(budget),
      })
      .select('id')
      .single(),
  );
  return id;
}

/** Holds from the next call on. */
export async function changeBudget(budgetId: string, limit: BudgetLimit): Promise<void> {
  requireSuccess(await supabase().from('budgets').update(limitColumns(limit)).eq('id', budgetId));
}

export async function deleteBudget(budgetId: string): Promise<void> {
  requireSuccess(await supabase().from('budgets').delete().eq('id', budgetId));
}

/** Asks the admins; asking again replaces what was asked before. */
export async function requestIncrease(budgetId: string, limitUsd: Usd, reason: string): Promise<void> {
  requireSuccess(
    await supabase().rpc('request_budget_increase', {
      budget_id: budgetId,
      limit_usd: Number(limitUsd),
      reason: reason.trim(),
    }),
  );
}

/** `raisedUntil`: null grants for good. */
export async function decideRequest(
  requestId: string,
  decision: { isGranted: boolean; raisedUntil: Date | null },
): Promise<void> {
  requireSuccess(
    await supabase().rpc('decide_budget_request', {
      id: requestId,
      is_granted: decision.isGranted,
      ...(decision.raisedUntil && { raised_until: decision.raisedUntil.toISOString() }),
    }),
  );
}

/** A limit is typed by a person: with so few digits that a JSON number says exactly the same. */
const limitColumns = ({ limitUsd, mode, warnAt }: BudgetLimit) => ({
  limit_usd: Number(limitUsd),
  mode,
  warn_at: [...warnAt].toSorted((a, b) => a - b),
});
