import type { TaskStatus } from '@contracts/agents.ts';

type Described = { status: TaskStatus; is_blocked: boolean; failure_code?: string | null };

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

export function describeTaskStatus({ status, is_blocked: isBlocked, failure_code: code }: Described): {
  label: string;
  color: string;
} {
  if (isBlocked) return { label: 'Blocked', color: 'red' };
  if (status === 'pending' && code != null) return { label: 'Tries again', color: 'orange' };
  return { label: taskStatusWords[status], color: colors[status] };
}

/** What the list can be narrowed to. */
export const taskViews = {
  all: { label: 'All', statuses: null },
  open: { label: 'Open', statuses: ['pending', 'in_progress'] },
  approval: { label: 'Needs approval', statuses: ['awaiting_approval'] },
  failed: { label: 'Failed', statuses: ['failed'] },
  done: { label: 'Done', statuses: ['completed', 'cancelled'] },
} as const satisfies Record<string, { label: string; statuses: readonly TaskStatus[] | null }>;

export type TaskView = keyof typeof taskViews;

export const isTaskView = (view: string | null): view is TaskView =>
  view !== null && Object.hasOwn(taskViews, view);

const tools: Readonly<Record<string, string>> = {
  read_tasks: 'Read the latest tasks',
  read_agents: 'Read who the agents are',
  read_spending: 'Read what was spent',
  create_task: 'Handed a task on',
  ask_approval: 'Asked for approval',
  hand_in: 'Handed the result in',
};

export const describeTool = (tool: string): string => tools[tool] ?? `Used ${tool}`;
