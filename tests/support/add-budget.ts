import type { Caller } from './caller.ts';

type BudgetValues = {
  scope?: string;
  scope_id?: string;
  period?: string;
  limit_usd: number;
  mode?: string;
  warn_at?: number[];
};

/** For the whole organization and a month, where nothing else is said. */
export async function addBudget(
  { organizationId, owner }: Pick<Caller, 'organizationId' | 'owner'>,
  values: BudgetValues,
): Promise<string> {
  const { data, error } = await owner.db
    .from('budgets')
    .insert({
      organization_id: organizationId,
      scope: 'organization',
      scope_id: organizationId,
      period: 'month',
      ...values,
    })
    .select('id')
    .single();
  if (error) throw error;
  return data.id;
}
