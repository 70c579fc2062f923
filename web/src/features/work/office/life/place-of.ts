import { doorSpots, meetingSeats } from '../plan/point-of.ts';
import type { Stop } from '../plan/stops.ts';
import { isOver, type OfficeTask } from './office-log.ts';

/** An agent as its place needs it: each has a number of its own, by which it has a desk and a seat. */
export type Numbered = { id: string; number: number; isActive: boolean };

export type Activity = 'idle' | 'paused' | 'waiting' | 'working' | 'meeting' | 'awaiting';

export type Standing = {
  stop: Stop;
  activity: Activity;
  /** What the agent is here for. */
  task: OfficeTask | null;
  /** A failed task shows wherever the agent is; a blocked one is one that lacks money or a key. */
  trouble: { kind: 'blocked' | 'failed'; task: OfficeTask } | null;
};

/**
 * Where an agent is and why, from the tasks alone: at its desk while one is done, at the meeting table while others work
 * on parts of the same, at the door of the person whose approval is awaited, and in the lounge otherwise.
 */
export function placeOf(
  agent: Numbered,
  tasks: Iterable<OfficeTask>,
  doorOf: (personId: string | null) => number,
): Standing {
  const all = [...tasks];
  const own = all.filter((task) => task.agentId === agent.id && !isOver(task));
  const trouble = troubleOf(own);
  const running = latest(own, 'in_progress');
  const awaiting = latest(own, 'awaiting_approval');
  const pending = latest(own, 'pending');
  const begun = running ?? (awaiting || !agent.isActive ? undefined : pending);
  if (begun) {
    if (isShared(begun, all))
      return { stop: `meeting/${agent.number % meetingSeats}`, activity: 'meeting', task: begun, trouble };
    return { stop: `desk/${agent.number}`, activity: running ? 'working' : 'waiting', task: begun, trouble };
  }
  if (awaiting) {
    const stop = `door/${doorOf(awaiting.approverId)}/${agent.number % doorSpots}`;
    return { stop, activity: 'awaiting', task: awaiting, trouble };
  }
  const activity = agent.isActive ? 'idle' : 'paused';
  return { stop: `lounge/${agent.number}`, activity, task: pending ?? null, trouble };
}

function troubleOf(own: readonly OfficeTask[]): Standing['trouble'] {
  const task = latest(own, 'failed');
  return task ? { kind: task.isBlocked ? 'blocked' : 'failed', task } : null;
}

function latest(tasks: readonly OfficeTask[], status: OfficeTask['status']): OfficeTask | undefined {
  return tasks
    .filter((task) => task.status === status)
    .reduce<OfficeTask | undefined>((best, task) => (best && !isLater(task, best) ? best : task), undefined);
}

const isLater = (one: OfficeTask, other: OfficeTask): boolean =>
  one.sinceMs === other.sinceMs ? one.id > other.id : one.sinceMs > other.sinceMs;

/** Whether somebody else has a part of the same to do: a sibling, the whole, or a part of this. */
function isShared(task: OfficeTask, all: readonly OfficeTask[]): boolean {
  const family = familyOf(task);
  return all.some(
    (other) =>
      other.agentId !== null &&
      other.agentId !== task.agentId &&
      (other.status === 'in_progress' || other.status === 'pending') &&
      familyOf(other) === family,
  );
}

const familyOf = ({ id, parentId }: OfficeTask): string => parentId ?? id;
