import type { OfficeEvent } from '@contracts/office.ts';
import { sumUsd, type Usd, zeroUsd } from '@/lib/money.ts';
import {
  addedUsd,
  isChange,
  isOver,
  millisecondsOf,
  noteEvent,
  type OfficeTask,
  type OfficeTasks,
} from './office-log.ts';
import { type Numbered, placeOf, type Standing } from './place-of.ts';
import type { Stay } from './walk.ts';

/** An agent that somebody has put somewhere in the lounge. */
export type Placement = { agentId: string; stop: string; atMs: number };

/** One agent over time: where it was to be since when, and why. */
export type AgentHistory = { stays: Stay[]; standings: { sinceMs: number; standing: Standing }[] };

export type OfficeHistory = {
  agents: ReadonlyMap<string, AgentHistory>;
  tasks: OfficeTasks;
  /** How much the events until then had added: sorted by time, for replays and counters. */
  spend: { atMs: number; usd: Usd }[];
};

type Staff = { agents: readonly Numbered[]; doorOf: (personId: string | null) => number };

/** All that a log says of an office: a pure function, so that everyone who has the log sees the same. */
export function officeHistoryOf(
  { agents, doorOf }: Staff,
  before: readonly OfficeEvent[],
  events: readonly OfficeEvent[],
  placements: readonly Placement[] = [],
): OfficeHistory {
  const tasks = new Map<string, OfficeTask>();
  for (const event of before) noteEvent(tasks, event);
  const histories = new Map(
    agents.map(({ id }): [string, AgentHistory] => [id, { stays: [], standings: [] }]),
  );
  const look = (atMs: number): void => {
    const open = [...tasks.values()].filter((task) => !isOver(task));
    for (const agent of agents) {
      const history = histories.get(agent.id);
      if (history) note(history, placeOf(agent, open, doorOf), atMs);
    }
  };
  look(Number.NEGATIVE_INFINITY);
  const spend: OfficeHistory['spend'] = [];
  let total = zeroUsd;
  for (const event of events) {
    const added = addedUsd(tasks, event);
    noteEvent(tasks, event);
    // Steps and costs move nobody.
    if (isChange(event)) look(millisecondsOf(event));
    if (added === zeroUsd) continue;
    total = sumUsd([total, added]);
    spend.push({ atMs: millisecondsOf(event), usd: total });
  }
  for (const placement of placements) place(histories.get(placement.agentId), placement);
  return { agents: histories, tasks, spend };
}

/** Why an agent is where it is at an instant. */
export function standingAt({ standings }: AgentHistory, atMs: number): Standing | undefined {
  return standings.findLast(({ sinceMs }) => sinceMs <= atMs)?.standing;
}

/** What the events until an instant had added. */
export function spentAt(spend: OfficeHistory['spend'], atMs: number): Usd {
  return spend.findLast((each) => each.atMs <= atMs)?.usd ?? zeroUsd;
}

function note({ stays, standings }: AgentHistory, standing: Standing, sinceMs: number): void {
  if (stays.at(-1)?.stop !== standing.stop) stays.push({ sinceMs, stop: standing.stop });
  const before = standings.at(-1)?.standing;
  if (!before || !isSame(before, standing)) standings.push({ sinceMs, standing });
}

const isSame = (one: Standing, other: Standing): boolean =>
  one.activity === other.activity &&
  one.stop === other.stop &&
  one.task === other.task &&
  one.trouble?.task === other.trouble?.task;

/** Holds until the agent has something to do. */
function place(history: AgentHistory | undefined, { stop, atMs }: Placement): void {
  const index = history?.stays.findLastIndex(({ sinceMs }) => sinceMs <= atMs) ?? -1;
  const isIdle = history?.stays[index]?.stop.startsWith('lounge/') ?? false;
  if (isIdle) history?.stays.splice(index + 1, 0, { sinceMs: atMs, stop });
}
