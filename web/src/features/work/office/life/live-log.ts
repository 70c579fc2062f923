import type { OfficeEvent } from '@contracts/office.ts';
import { sumUsd, type Usd, zeroUsd } from '@/lib/money.ts';
import {
  addedUsd,
  applyEvent,
  emptyTasks,
  isChange,
  millisecondsOf,
  type OfficeTasks,
} from './office-log.ts';

/** The log as an open page keeps it: it grows at its end, and what is long over is folded together. */
export type LiveLog = {
  /** What each task became last before `events`, with what it had cost by then. */
  before: readonly OfficeEvent[];
  events: readonly OfficeEvent[];
  lastSeq: number;
  /** As of the last event. */
  tasks: OfficeTasks;
  /** What came to the costs since the log was begun. */
  addedUsd: Usd;
};

export function beginLog(
  before: readonly OfficeEvent[],
  events: readonly OfficeEvent[],
  lastSeq: number,
): LiveLog {
  return {
    before,
    events,
    lastSeq,
    tasks: [...before, ...events].reduce(applyEvent, emptyTasks),
    addedUsd: zeroUsd,
  };
}

export function growLog(log: LiveLog, event: OfficeEvent): LiveLog {
  const grown = {
    before: log.before,
    events: [...log.events, event],
    lastSeq: event.seq,
    tasks: applyEvent(log.tasks, event),
    addedUsd: sumUsd([log.addedUsd, addedUsd(log.tasks, event)]),
  };
  return grown.events.length > mostEvents ? foldOld(grown, millisecondsOf(event)) : grown;
}

const mostEvents = 400;
/** Longer than any walk: whoever went somewhere before that is there. */
const pastMs = 60_000;

function foldOld(log: LiveLog, nowMs: number): LiveLog {
  const isPast = (event: OfficeEvent): boolean => nowMs - millisecondsOf(event) > pastMs;
  const recent = log.events.findIndex((event) => !isPast(event));
  if (recent <= 0) return log;
  // What a task became last stays, with the newest cost: the same as a snapshot tells.
  const latest = new Map<string, OfficeEvent>();
  for (const event of [...log.before, ...log.events.slice(0, recent)]) {
    if (event.task_id === null) continue;
    const known = latest.get(event.task_id);
    if (isChange(event)) latest.set(event.task_id, event);
    else if (known) latest.set(event.task_id, { ...known, cost_usd: event.cost_usd ?? known.cost_usd });
  }
  return { ...log, before: [...latest.values()], events: log.events.slice(recent) };
}
