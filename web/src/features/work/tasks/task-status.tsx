import { Badge } from '@mantine/core';
import type { TaskStatus } from '@contracts/agents.ts';
import { describeTaskStatus } from './task-words.ts';

type TaskStatusBadgeProps = {
  task: { status: TaskStatus; is_blocked: boolean; failure_code?: string | null };
};

export function TaskStatusBadge({ task }: TaskStatusBadgeProps) {
  const { label, color } = describeTaskStatus(task);
  return <Badge color={color}>{label}</Badge>;
}
