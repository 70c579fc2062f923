import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { useLiveUsage } from '../spend/use-live-usage.ts';
import { type Budget, budgetQueries } from './budget-queries.ts';

/** The organization's budgets, which fill while one looks. */
export function useBudgets(): UseQueryResult<Budget[]> {
  const { id } = useOrganization();
  const client = useQueryClient();
  useLiveUsage(() => client.invalidateQueries({ queryKey: budgetQueries.all(id) }));
  return useQuery(budgetQueries.list(id));
}
