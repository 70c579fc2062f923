import { Text } from '@mantine/core';
import { formatUsd } from '@/lib/money.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { type Column, DataTable } from '@/ui/data-table.tsx';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { TaskStatusBadge } from '@/ui/task-status.tsx';
import { TaskAgent } from './task-agent.tsx';
import type { Task } from './task-queries.ts';
import { useTaskFilters } from './use-task-filters.ts';

const columns: [Column<Task>, ...Column<Task>[]] = [
  { key: 'title', header: 'Task', cell: ({ title }) => title },
  {
    key: 'agent',
    header: 'Agent',
    width: 170,
    cell: ({ agent_id: agentId }) => <TaskAgent agentId={agentId} />,
  },
  { key: 'status', header: 'Status', width: 160, cell: (task) => <TaskStatusBadge task={task} /> },
  {
    key: 'cost',
    header: 'Cost',
    align: 'right',
    width: 100,
    cell: ({ cost_usd: costUsd }) => formatUsd(costUsd),
  },
  {
    key: 'created',
    header: 'Assigned',
    align: 'right',
    width: 130,
    cell: ({ created_at: createdAt }) => (
      <Text span inherit c="dimmed">
        <RelativeTime at={createdAt} />
      </Text>
    ),
  },
];

export function TaskTable({ tasks }: { tasks: readonly Task[] }) {
  const { slug } = useOrganization();
  const { query } = useTaskFilters();
  return (
    <DataTable
      label="Tasks"
      rows={tasks}
      columns={columns}
      rowKey={({ id }) => id}
      rowHref={({ id }) => `${paths.task(slug, id)}${query}`}
    />
  );
}
