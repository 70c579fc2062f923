import type { TaskStatus } from '@contracts/agents.ts';

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
  read_notes: 'Read the notes on the whiteboards',
  read_spending: 'Read what was spent',
  create_task: 'Handed a task on',
  ask_approval: 'Asked for approval',
  hand_in: 'Handed the result in',
};

export const describeTool = (tool: string): string => tools[tool] ?? `Used ${tool}`;
