import { Badge, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { formatUsd, type Usd } from '@/lib/money.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { BudgetBar } from '@/ui/charts/budget-bar.tsx';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { taskQueries } from '../tasks/task-queries.ts';
import { AgentAvatar } from './agent-avatar.tsx';
import { AgentMenu } from './agent-menu.tsx';
import { type Agent, agentQueries } from './agent-queries.ts';

export function AgentTable({ agents }: { agents: readonly Agent[] }) {
  const { id, slug, canManage } = useOrganization();
  const { data: budgets } = useQuery(agentQueries.budgets(id));
  const columns: [Column<Agent>, ...Column<Agent>[]] = [
    {
      key: 'name',
      header: 'Agent',
      cell: ({ name, role, avatar }) => (
        <Group gap="sm" wrap="nowrap">
          <AgentAvatar avatar={avatar} />
          <div>
            {name}
            {role !== '' && (
              <Text size="sm" c="dimmed">
                {role}
              </Text>
            )}
          </div>
        </Group>
      ),
    },
    { key: 'state', header: 'Now', width: 130, cell: (agent) => <AgentState agent={agent} /> },
    { key: 'model', header: 'Model', cell: ({ model }) => model },
    {
      key: 'budget',
      header: 'Budget',
      width: '32%',
      cell: ({ id: agentId }) => <AgentBudget budget={budgets?.get(agentId)} />,
    },
    ...(canManage
      ? [
          {
            key: 'menu',
            header: 'Actions',
            isHeaderHidden: true,
            align: 'right' as const,
            width: 56,
            cell: (agent: Agent) => <AgentMenu agent={agent} />,
          },
        ]
      : []),
  ];
  return (
    <DataTable
      label="Agents"
      rows={agents}
      columns={columns}
      rowKey={({ id: agentId }) => agentId}
      rowHref={({ id: agentId }) => `${paths.tasks(slug)}?agent=${agentId}`}
    />
  );
}

/** What it does at the moment. */
function AgentState({ agent }: { agent: Agent }) {
  const { id } = useOrganization();
  const { data: open } = useQuery(taskQueries.openCounts(id));
  if (!agent.is_active) return <Badge color="gray">Paused</Badge>;
  const { working = 0, waiting = 0 } = open?.get(agent.id) ?? {};
  if (working > 0) return <Badge color="indigo">{working === 1 ? 'Working' : `${working} tasks`}</Badge>;
  return (
    <Text span inherit c="dimmed">
      {waiting > 0 ? 'About to begin' : 'Idle'}
    </Text>
  );
}

type Budget = { limit_usd: Usd; spent_usd: Usd; held_usd: Usd; period: string };

function AgentBudget({ budget }: { budget: Budget | undefined }) {
  if (budget === undefined)
    return (
      <Text span inherit c="red">
        None, so it may spend nothing
      </Text>
    );
  const { limit_usd: limitUsd, spent_usd: spentUsd, held_usd: heldUsd, period } = budget;
  return (
    <div>
      <BudgetBar spentUsd={spentUsd} heldUsd={heldUsd} budgetUsd={limitUsd} />
      <Text size="sm" c="dimmed">
        {formatUsd(spentUsd)} of {formatUsd(limitUsd)} {periodWords[period] ?? ''}
      </Text>
    </div>
  );
}

const periodWords: Readonly<Record<string, string>> = {
  day: 'a day',
  week: 'a week',
  month: 'a month',
  total: 'in all',
};
