import type { TaskStatus } from '@contracts/agents.ts';
import type { OfficeEvent } from '@contracts/office.ts';
import { subtractUsd, type Usd, zeroUsd } from '@/lib/money.ts';

/** What the log says of a task. */
export type OfficeTask = {
  id: string;
  agentId: string | null;
  parentId: string | null;
  title: string;
  status: TaskStatus;
  isBlocked: boolean;
  /** Whose approval it needs; null: anybody's. */
  approverId: string | null;
  costUsd: Usd;
  /** Since when it has this status. */
  sinceMs: number;
  /** What it does right now, while it is being worked on. */
  doing: string | null;
};

export type OfficeTasks = ReadonlyMap<string, OfficeTask>;

/** The tasks after one more event. Those that are over stay, since their cost can still move. */
export function applyEvent(tasks: OfficeTasks, event: OfficeEvent): OfficeTasks {
  const after = new Map(tasks);
  noteEvent(after, event);
  return after;
}

/** The same in place, for long logs. */
export function noteEvent(tasks: Map<string, OfficeTask>, event: OfficeEvent): void {
  const id = event.task_id;
  if (id !== null) tasks.set(id, taskAfter(tasks.get(id), id, event));
}

export const isOver = ({ status }: OfficeTask): boolean => status === 'completed' || status === 'cancelled';

/** Whether a task became something by it, rather than only coming further or costing more. */
export const isChange = ({ kind }: OfficeEvent): boolean => kind.startsWith('task_') && kind !== 'task_cost';

export const millisecondsOf = ({ at }: { at: string }): number => Date.parse(at);

/** What the event added to its task's cost. */
export function addedUsd(tasks: OfficeTasks, event: OfficeEvent): Usd {
  if (event.task_id === null || event.cost_usd === null) return zeroUsd;
  return subtractUsd(event.cost_usd, tasks.get(event.task_id)?.costUsd ?? zeroUsd);
}

export const emptyTasks: OfficeTasks = new Map();

function taskAfter(before: OfficeTask | undefined, id: string, event: OfficeEvent): OfficeTask {
  const { details } = event;
  const status = details.status ?? before?.status ?? 'pending';
  const isNew = !before || before.status !== status || before.agentId !== event.agent_id;
  // Steps tell less of their task than its own events do.
  const isOfTask = event.kind.startsWith('task_');
  return {
    id,
    agentId: event.agent_id,
    parentId: (isOfTask ? details.parent_id : before?.parentId) ?? null,
    title: details.title ?? before?.title ?? '',
    status,
    isBlocked: isOfTask ? (details.is_blocked ?? false) : (before?.isBlocked ?? false),
    approverId: (isOfTask ? (details.approver_id ?? details.created_by) : before?.approverId) ?? null,
    costUsd: event.cost_usd ?? before?.costUsd ?? zeroUsd,
    sinceMs: isNew ? millisecondsOf(event) : before.sinceMs,
    doing:
      event.kind === 'step_started'
        ? describeStep(details)
        : status === 'in_progress'
          ? (before?.doing ?? null)
          : null,
  };
}

function describeStep({ kind, tool }: OfficeEvent['details']): string | null {
  if (kind === 'tool' && tool !== undefined) return tool.replaceAll('_', ' ');
  return kind === 'model' ? 'thinking' : null;
}
