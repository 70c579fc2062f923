import { makeCaller, type Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { liftRateLimits, setPlan } from '../support/organization.ts';

/** An organization of one person whose calls the sandbox would answer, with this budget a month. */
export async function makeSpender(budgetUsd = '1000'): Promise<Caller> {
  const caller = await makeCaller(null, { budgetUsd });
  const { error } = await caller.owner.db.rpc('enable_sandbox', { organization_id: caller.organizationId });
  if (error) throw error;
  await liftRateLimits(caller.organizationId);
  return caller;
}

export async function setBudget({ organizationId }: Caller, budgetUsd: string | null): Promise<void> {
  await setPlan(organizationId, 'enterprise', { ai_budget_usd_month: budgetUsd });
}

export type Counter = { spentUsd: number; heldUsd: number };

/** What limits are checked against, and the same figures added up again from the ledger itself. */
export async function readCounter({ organizationId }: Caller): Promise<Counter & { recomputed: Counter }> {
  const [row] = await operatorSql()`
    select c.spent_usd, c.held_usd,
      (select coalesce(sum(u.cost_usd), 0) from public.ai_usage u
        where u.organization_id = c.organization_id and u.settled_at is not null and u.created_at >= c.window_start) as spent_again,
      (select coalesce(sum(o.held_usd), 0) from public.open_calls o
        where o.organization_id = c.organization_id) as held_again
    from private.spend_counters c where c.organization_id = ${organizationId}`;
  if (row === undefined) throw new Error('The organization has no counter.');
  return {
    spentUsd: Number(row['spent_usd']),
    heldUsd: Number(row['held_usd']),
    recomputed: { spentUsd: Number(row['spent_again']), heldUsd: Number(row['held_again']) },
  };
}
