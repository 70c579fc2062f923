import { Alert, Badge, Group, Stack, Text, Title } from '@mantine/core';
import { formatUsdExact, roundUsd } from '@/lib/money.ts';
import type { AgentTask } from '../office-queries.ts';
import classes from '../office.module.css';
import { TaskActions } from './task-actions.tsx';
import { TaskSteps } from './task-steps.tsx';

type TaskReceiptProps = { task: AgentTask; nameOf: (personId: string) => string };

export function TaskReceipt({ task, nameOf }: TaskReceiptProps) {
  const { color, words } = statusOf(task);
  return (
    <Stack component="section" gap="sm" aria-label={task.title}>
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="sm">
        <Title order={2} className={classes.words}>
          {task.title}
        </Title>
        <Badge color={color} flex="none">
          {words}
        </Badge>
      </Group>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {task.status === 'awaiting_approval' && task.approver_id !== null
            ? `For ${nameOf(task.approver_id)} to approve`
            : 'Cost so far'}
        </Text>
        <Text
          component="span"
          className="tabular"
          fw="var(--mantine-font-weight-bold)"
          data-testid="task-cost"
        >
          {formatUsdExact(roundUsd(task.cost_usd, 6))}
        </Text>
      </Group>
      {task.failure_message !== null && (task.status === 'failed' || task.status === 'pending') && (
        <Alert
          color={task.is_blocked ? 'orange' : 'red'}
          title={task.is_blocked ? 'Blocked' : 'What went wrong'}
        >
          {task.failure_message}
        </Alert>
      )}
      {task.status === 'awaiting_approval' && task.result !== null && (
        // Long results are scrolled, which keys can do as well.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className={classes.result} tabIndex={0} role="group" aria-label="Result">
          {task.result}
        </div>
      )}
      <TaskActions task={task} />
      <TaskSteps taskId={task.id} isRunning={task.status === 'in_progress'} />
    </Stack>
  );
}

function statusOf({ status, is_blocked: isBlocked }: AgentTask): { color: string; words: string } {
  switch (status) {
    case 'pending':
      return { color: 'gray', words: 'Waiting' };
    case 'in_progress':
      return { color: 'teal', words: 'In progress' };
    case 'awaiting_approval':
      return { color: 'indigo', words: 'Awaits approval' };
    case 'failed':
      return isBlocked ? { color: 'orange', words: 'Blocked' } : { color: 'red', words: 'Failed' };
    case 'completed':
      return { color: 'teal', words: 'Completed' };
    case 'cancelled':
      return { color: 'gray', words: 'Stopped' };
  }
}
