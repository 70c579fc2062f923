import { Group, Text, Title } from '@mantine/core';
import { Link } from 'react-router';
import type { TaskStatus } from '@contracts/agents.ts';
import { formatUsd } from '@/lib/money.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { TaskStatusBadge } from '@/ui/task-status.tsx';
import { TaskAgent } from './task-agent.tsx';
import classes from './task-board.module.css';
import type { Task } from './task-queries.ts';
import { useTaskFilters } from './use-task-filters.ts';

const columns: readonly { title: string; statuses: readonly TaskStatus[] }[] = [
  { title: 'Waiting', statuses: ['pending'] },
  { title: 'Working', statuses: ['in_progress'] },
  { title: 'Needs approval', statuses: ['awaiting_approval'] },
  { title: 'Failed', statuses: ['failed'] },
  { title: 'Done', statuses: ['completed', 'cancelled'] },
];

/** Where every task stands, side by side. */
export function TaskBoard({ tasks }: { tasks: readonly Task[] }) {
  return (
    <div className={classes.board}>
      {columns.map(({ title, statuses }) => {
        const here = tasks.filter(({ status }) => statuses.includes(status));
        return (
          <section key={title} className={classes.column} aria-label={title}>
            <Group justify="space-between">
              <Title order={2} className={classes.title}>
                {title}
              </Title>
              <Text size="sm" c="dimmed">
                {here.length}
              </Text>
            </Group>
            <ul className={classes.cards}>
              {here.map((task) => (
                <TaskCard key={task.id} task={task} />
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

function TaskCard({ task }: { task: Task }) {
  const { slug } = useOrganization();
  const { query } = useTaskFilters();
  // What its column says already is not said again.
  const saysMore = task.is_blocked || task.status === 'cancelled' || task.failure_code !== null;
  return (
    <li className={classes.card}>
      <Link to={`${paths.task(slug, task.id)}${query}`} className={classes.link}>
        {task.title}
      </Link>
      {saysMore && <TaskStatusBadge task={task} />}
      <Group justify="space-between" gap="xs" wrap="nowrap" fz="sm">
        <TaskAgent agentId={task.agent_id} />
        <Text span inherit c="dimmed">
          {formatUsd(task.cost_usd)}
        </Text>
      </Group>
    </li>
  );
}
