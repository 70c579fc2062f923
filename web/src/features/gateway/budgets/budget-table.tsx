import { Badge, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { BudgetMenu } from './budget-menu.tsx';
import { type Budget, budgetQueries } from './budget-queries.ts';
import { BudgetUse } from './budget-use.tsx';
import { describePeriod } from './budget-words.ts';
import { Resets } from './resets.tsx';
import { ScopeName } from './scope-name.tsx';
import { useBudgetName } from './use-budget-name.ts';

export function BudgetTable({ budgets }: { budgets: readonly Budget[] }) {
  const { id, slug, canManage } = useOrganization();
  const nameOf = useBudgetName();
  const { data: requests = [] } = useQuery(budgetQueries.requests(id));
  const asked = new Set(requests.map(({ budget_id }) => budget_id));
  const columns: [Column<Budget>, ...Column<Budget>[]] = [
    {
      key: 'scope',
      header: 'Budget of',
      cell: (budget) => (
        <ScopeName {...nameOf(budget)}>
          {asked.has(budget.id) && <Badge color="orange">More is asked for</Badge>}
        </ScopeName>
      ),
    },
    {
      key: 'period',
      header: 'Period',
      width: 110,
      cell: ({ period }) => describePeriod(period),
    },
    { key: 'use', header: 'Used', width: '36%', cell: (budget) => <BudgetUse budget={budget} /> },
    {
      key: 'mode',
      header: 'When full',
      width: 110,
      cell: ({ mode }) => (mode === 'hard' ? 'Refuses' : 'Warns'),
    },
    {
      key: 'resets',
      header: 'Resets',
      align: 'right',
      width: 130,
      cell: ({ window_end }) => (
        <Text span inherit c="dimmed">
          <Resets at={window_end} />
        </Text>
      ),
    },
    ...(canManage
      ? [
          {
            key: 'menu',
            header: 'Actions',
            isHeaderHidden: true,
            align: 'right' as const,
            width: 56,
            cell: (budget: Budget) => <BudgetMenu budget={budget} name={nameOf(budget).name} />,
          },
        ]
      : []),
  ];
  return (
    <DataTable
      label="Budgets"
      rows={budgets}
      columns={columns}
      rowKey={({ id }) => id}
      rowHref={({ id }) => paths.budget(slug, id)}
    />
  );
}
