import { useMemo } from 'react';
import type { OfficeEvent } from '@contracts/office.ts';
import { useUserId } from '@/lib/session.tsx';
import { assignSeriesColors } from '@/ui/charts/series-colors.ts';
import { describeAgent } from './describe-agent.ts';
import type { ShownAgent, ShownPerson } from './drawing/office-map.tsx';
import type { Office } from './drawing/floor.tsx';
import { officeHistoryOf, type OfficeHistory, standingAt } from './life/office-history.ts';
import type { OfficeTask } from './life/office-log.ts';
import type { Standing } from './life/place-of.ts';
import { type Staff, staffOf } from './life/staff.ts';
import type { LiveOffice } from './office-queries.ts';
import type { PersonHere } from './presence/people-store.ts';

/** An agent on the screen, with what there is to say of it. */
export type ViewedAgent = ShownAgent & { standing: Standing; isLive: boolean; words: string };

export type OfficeView = {
  staff: Staff;
  agents: ViewedAgent[];
  people: ShownPerson[];
  offices: (Office | null)[];
  litDesks: ReadonlySet<number>;
};

/** Who works here; as long as nobody comes or goes it stays the same object, and so does the floor plan. */
export function useStaff({ state }: LiveOffice): Staff {
  const { agents, people } = state;
  return useMemo(() => staffOf({ agents, people }), [agents, people]);
}

/** What a log says of an office, for as long as the log is the same. */
export function useHistory(
  staff: Staff,
  before: readonly OfficeEvent[],
  events: readonly OfficeEvent[],
  placements: LiveOffice['state']['placements'],
): OfficeHistory {
  return useMemo(
    () =>
      officeHistoryOf(
        staff,
        before,
        events,
        placements.map(({ agent_id, x, y, at }) => ({
          agentId: agent_id,
          stop: `free/${x}/${y}`,
          atMs: Date.parse(at),
        })),
      ),
    [staff, before, events, placements],
  );
}

type ViewParts = {
  staff: Staff;
  history: OfficeHistory;
  atMs: number;
  /** Whether a run of this task holds a lease. */
  isLeased: (taskId: string) => boolean;
  here: readonly PersonHere[];
  places: LiveOffice['state']['places'];
};

/** Everyone in the office at an instant, as they are drawn and listed. */
export function useOfficeView({ staff, history, atMs, isLeased, here, places }: ViewParts): OfficeView {
  const userId = useUserId();
  const colors = useMemo(
    () =>
      assignSeriesColors(
        [...staff.agents, ...staff.people.map(({ userId: id }) => ({ id }))].map(({ id }) => id),
      ),
    [staff],
  );
  const nameOf = (personId: string | null): string =>
    staff.people.find((person) => person.userId === personId)?.name ?? '';
  const agents = staff.agents.flatMap((agent): ViewedAgent[] => {
    const own = history.agents.get(agent.id);
    const found = own && standingAt(own, atMs);
    if (!own || !found) return [];
    const standing = { ...found, task: newestOf(found.task, history, atMs) };
    const isBusy = standing.activity === 'working' || standing.activity === 'meeting';
    const isLive = isBusy && standing.task !== null && isLeased(standing.task.id);
    const words = describeAgent(standing, isLive, nameOf);
    const look = {
      name: agent.name,
      color: colors(agent.id),
      avatar: agent.avatar,
      activity: isBusy && !isLive ? ('waiting' as const) : standing.activity,
      trouble: standing.trouble?.kind ?? null,
      caption: isBusy && standing.task ? shorten(standing.task.doing ?? standing.task.title) : null,
    };
    return [{ agent, standing, isLive, words, history: own, look, label: `${agent.name}. ${words}` }];
  });
  const people = staff.people.flatMap((person): ShownPerson[] => {
    const present = here.find((each) => each.userId === person.userId);
    if (!present) return [];
    const { isAway, isInOffice, page } = present;
    const isSelf = person.userId === userId;
    const caption = isInOffice ? null : page;
    const look = {
      name: firstName(person.name),
      initials: initialsOf(person.name),
      color: colors(person.userId),
      isAway,
      isSelf,
      caption,
    };
    const label = `${person.name}${isSelf ? ' (you)' : ''}, ${isAway ? 'away' : 'active'}, on ${page}`;
    return [{ person, look, label, isAfoot: isInOffice, lastPlace: places[person.userId] ?? null }];
  });
  return {
    staff,
    agents,
    people,
    offices: staff.plates.map((name, office) => ({
      name,
      isThere: people.some(({ person }) => person.office === office),
    })),
    litDesks: new Set(
      agents.flatMap(({ agent, standing, isLive }) =>
        isLive && standing.activity === 'working' ? [agent.number] : [],
      ),
    ),
  };
}

/** Costs and steps make no standing of their own: now they are those of the log's end, in a replay those of its beginning. */
function newestOf(task: OfficeTask | null, { tasks }: OfficeHistory, atMs: number): OfficeTask | null {
  if (task === null || atMs !== Number.POSITIVE_INFINITY) return task;
  return tasks.get(task.id) ?? task;
}

const firstName = (name: string): string => shorten(name.split(/[\s@]/)[0] ?? name);

const longest = 22;
const shorten = (text: string): string =>
  text.length <= longest ? text : `${text.slice(0, longest - 1).trimEnd()}…`;

function initialsOf(name: string): string {
  const words = name.split(/[\s@.]+/).filter(Boolean);
  return words
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('');
}
