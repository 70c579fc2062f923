import { Alert, Anchor, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { formatMoment } from '@/lib/dates.ts';
import { formatUsd, formatUsdExact } from '@/lib/money.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { ErrorState } from '@/ui/error-state.tsx';
import { RelativeTime } from '@/ui/relative-time.tsx';
import { SideDrawer } from '@/ui/side-drawer.tsx';
import { TaskStatusBadge } from '@/ui/task-status.tsx';
import { BlockSkeleton } from '@/ui/skeletons.tsx';
import { peopleQuery } from '../people-query.ts';
import { Markdown } from './markdown.tsx';
import { TaskActions } from './task-actions.tsx';
import { TaskAgent } from './task-agent.tsx';
import { type OpenTask, taskQueries } from './task-queries.ts';
import { TaskSteps } from './task-steps.tsx';
import type { TaskProgress } from './use-live-tasks.ts';

type TaskDrawerProps = { taskId: string | undefined; progress: TaskProgress | null; onClose: () => void };

/** The receipt of a task: what was asked, every step as it happens, what it costs, and what came of it. */
export function TaskDrawer({ taskId, progress, onClose }: TaskDrawerProps) {
  return (
    <SideDrawer title="Task" isOpen={taskId !== undefined} onClose={onClose}>
      {taskId !== undefined && <TaskReceipt key={taskId} taskId={taskId} progress={progress} />}
    </SideDrawer>
  );
}

/** Of one task, wherever it is shown. */
export function TaskReceipt({ taskId, progress }: { taskId: string; progress: TaskProgress | null }) {
  const { id } = useOrganization();
  const query = useQuery(taskQueries.one(id, taskId));
  if (query.data === undefined) {
    return query.isError ? (
      <ErrorState error={query.error} onRetry={() => void query.refetch()} />
    ) : (
      <BlockSkeleton height={240} label="Loading the task" />
    );
  }
  const task = query.data;
  return (
    <Stack gap="lg" pb="xl">
      <Head task={task} />
      <Trouble task={task} />
      <TaskActions task={task} />
      {task.result !== null && (
        <section aria-label="Result">
          <Title order={3} mb="xs">
            Result
          </Title>
          <Markdown>{task.result}</Markdown>
        </section>
      )}
      {task.description !== '' && (
        <section aria-label="Description">
          <Title order={3} mb="xs">
            Description
          </Title>
          <Markdown>{task.description}</Markdown>
        </section>
      )}
      <TaskSteps task={task} progress={progress} />
    </Stack>
  );
}

function Head({ task }: { task: OpenTask }) {
  const { id, slug } = useOrganization();
  const { data: people } = useQuery(peopleQuery(id));
  const creator = task.created_by === null ? undefined : people?.get(task.created_by);
  return (
    <Stack gap="xs">
      <Title order={2} style={{ overflowWrap: 'anywhere' }}>
        {task.title}
      </Title>
      <Group gap="sm">
        <TaskStatusBadge task={task} />
        <TaskAgent agentId={task.agent_id} />
        <Text span aria-label="Cost so far" title={formatUsdExact(task.cost_usd)} className="tabular">
          {formatUsd(task.cost_usd)}
        </Text>
      </Group>
      <Text size="sm" c="dimmed">
        {creator === undefined ? 'Assigned' : `Assigned by ${creator}`} <RelativeTime at={task.created_at} />
        {task.parent_id !== null && (
          <>
            {', handed on from '}
            <Anchor component={Link} to={paths.task(slug, task.parent_id)} size="sm">
              another task
            </Anchor>
          </>
        )}
      </Text>
    </Stack>
  );
}

/** Why it does not go on, and what a person can do about it. */
function Trouble({ task }: { task: OpenTask }) {
  if (task.failure_code === null) return null;
  const isOver = task.status === 'failed';
  if (!isOver && task.status !== 'pending') return null;
  const title = task.is_blocked
    ? 'Blocked'
    : isOver
      ? 'It failed, and waits for somebody to look at it'
      : `Attempt ${task.attempts} of 5 failed; it is tried again soon`;
  const advice = task.is_blocked
    ? ' Make room, then restart it: it goes on from its last step.'
    : isOver
      ? ' Restarted, it goes on from its last step.'
      : '';
  return (
    <Alert color={isOver ? 'red' : 'orange'} title={title} role="status">
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        <FailureWords message={task.failure_message ?? ''} />
        {advice}
      </Text>
    </Alert>
  );
}

/** What the gateway says of a refusal names an instant and an address, which people read otherwise. */
function FailureWords({ message }: { message: string }) {
  const { slug } = useOrganization();
  const budgetId = /\/budgets\/([0-9a-f-]{36})/.exec(message)?.[1];
  const words = message
    .replace(/ See it, and who may raise it: \S+/, '')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[^\s]*?(?=\.?(?:\s|$))/, (instant) =>
      formatMoment(new Date(instant)),
    );
  return (
    <>
      {words}
      {budgetId !== undefined && (
        <>
          {' '}
          <Anchor component={Link} to={paths.budget(slug, budgetId)} size="sm">
            See the budget
          </Anchor>
          .
        </>
      )}
    </>
  );
}
