import { queryOptions } from '@tanstack/react-query';
import { OfficeEvent, OfficeState, OfficeStretch } from '@contracts/office.ts';
import { type Day, addDays, startOfDay } from '@/lib/dates.ts';
import { requireSuccess, unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';
import { taskQueries } from '../tasks/task-queries.ts';
import { beginLog, type LiveLog } from './life/live-log.ts';

/** An office as an open page knows it. */
export type LiveOffice = {
  state: OfficeState;
  log: LiveLog;
  /** The database's clock less this browser's. */
  offsetMs: number;
};

export const officeQueries = {
  all: (organizationId: string) => ['office', organizationId],
  /** A snapshot, kept true by useOffice. */
  live: (organizationId: string) =>
    queryOptions({
      queryKey: [...officeQueries.all(organizationId), 'live'],
      // Who belongs here is no part of the log.
      staleTime: 60_000,
      queryFn: () => fetchOffice(organizationId),
    }),
  /** All that happened on a day of the organization's zone. */
  day: (organizationId: string, day: Day, timeZone: string) =>
    queryOptions({
      queryKey: [...officeQueries.all(organizationId), 'day', day, timeZone],
      staleTime: 300_000,
      queryFn: () => fetchDay(organizationId, day, timeZone),
    }),
  /** Until when runs of these tasks are leased. */
  leases: (organizationId: string, taskIds: readonly string[]) =>
    queryOptions({
      queryKey: [...officeQueries.all(organizationId), 'leases', ...taskIds],
      queryFn: async (): Promise<ReadonlyMap<string, number>> => {
        const rows = unwrap(
          await supabase()
            .from('tasks')
            .select('id, lease_until')
            .eq('organization_id', organizationId)
            .in('id', [...taskIds]),
        );
        return new Map(
          rows.map(({ id, lease_until }) => [id, lease_until === null ? 0 : Date.parse(lease_until)]),
        );
      },
    }),
  /** An agent's tasks, what changed last first. Kept true by useLiveTasks, like all tasks. */
  tasksOf: (organizationId: string, agentId: string) =>
    queryOptions({
      queryKey: [...taskQueries.all(organizationId), 'of', agentId],
      queryFn: async () =>
        unwrap(
          await supabase()
            .from('tasks')
            .select('id, title, status, is_blocked, failure_code, cost_usd::text, updated_at')
            .eq('organization_id', organizationId)
            .eq('agent_id', agentId)
            .order('updated_at', { ascending: false })
            .limit(20),
        ),
    }),
};

export type AgentTask = Awaited<
  ReturnType<NonNullable<ReturnType<typeof officeQueries.tasksOf>['queryFn']>>
>[number];

async function fetchOffice(organizationId: string): Promise<LiveOffice> {
  const askedAt = Date.now();
  const answer = unwrap(await supabase().rpc('office_state', { organization_id: organizationId }));
  const state = OfficeState.parse(answer);
  return {
    state,
    log: beginLog(state.before, state.events, state.seq),
    offsetMs: Date.parse(state.now) - (askedAt + Date.now()) / 2,
  };
}

/** At most a thousand; whoever has a gap after them asks again. */
export async function fetchEventsSince(organizationId: string, seq: number): Promise<OfficeEvent[]> {
  const answer = unwrap(
    await supabase().rpc('office_events_since', { organization_id: organizationId, seq }),
  );
  return OfficeEvent.array().parse(answer);
}

export type OfficeDay = Pick<OfficeStretch, 'before' | 'events'> & { fromMs: number; toMs: number };

/** More of one day is not shown. */
const mostPages = 25;

async function fetchDay(organizationId: string, day: Day, timeZone: string): Promise<OfficeDay> {
  const [from, to] = [startOfDay(day, timeZone), startOfDay(addDays(day, 1), timeZone)];
  const span = { organization_id: organizationId, from_at: from.toISOString(), to_at: to.toISOString() };
  const read = async (firstSeq: number | null): Promise<OfficeStretch> => {
    const page = firstSeq === null ? {} : { first_seq: firstSeq };
    return OfficeStretch.parse(unwrap(await supabase().rpc('office_events_between', { ...span, ...page })));
  };
  const { before, ...first } = await read(null);
  const events = [...first.events];
  let next = first.next_seq;
  for (let page = 1; next !== null && page < mostPages; page += 1) {
    const more = await read(next);
    events.push(...more.events);
    next = more.next_seq;
  }
  return { before, events, fromMs: from.getTime(), toMs: to.getTime() };
}

export async function placeAgent(agentId: string, place: { x: number; y: number }): Promise<void> {
  requireSuccess(await supabase().rpc('place_agent', { agent_id: agentId, ...place }));
}

export async function savePlace(organizationId: string, place: { x: number; y: number }): Promise<void> {
  const rounded = { x: Math.round(place.x), y: Math.round(place.y) };
  requireSuccess(await supabase().rpc('save_office_place', { organization_id: organizationId, ...rounded }));
}
