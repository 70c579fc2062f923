import { Badge } from '@mantine/core';
import type { TaskStatus } from '@contracts/agents.ts';

type DescribedTask = { status: TaskStatus; is_blocked: boolean; failure_code?: string | null };

/** What a status is called where people read it. */
const taskStatusWords: Readonly<Record<TaskStatus, string>> = {
  pending: 'Waiting',
  in_progress: 'Working',
  awaiting_approval: 'Needs approval',
  completed: 'Done',
  failed: 'Failed',
  cancelled: 'Stopped',
};

const colors: Readonly<Record<TaskStatus, string>> = {
  pending: 'gray',
  in_progress: 'indigo',
  awaiting_approval: 'orange',
  completed: 'teal',
  failed: 'red',
  cancelled: 'gray',
};

export function TaskStatusBadge({ task }: { task: DescribedTask }) {
  const { label, color } = describeTaskStatus(task);
  return <Badge color={color}>{label}</Badge>;
}

function describeTaskStatus({ status, is_blocked: isBlocked, failure_code: code }: DescribedTask): {
  label: string;
  color: string;
} {
  if (isBlocked) return { label: 'Blocked', color: 'red' };
  if (status === 'pending' && code != null) return { label: 'Tries again', color: 'orange' };
  return { label: taskStatusWords[status], color: colors[status] };
}
