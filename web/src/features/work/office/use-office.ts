import { useEffect, useRef } from 'react';
import { type QueryClient, type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query';
import { AgentPlacement, OfficeEvent } from '@contracts/office.ts';
import { RequestError } from '@/lib/errors.ts';
import { EventStream } from '@/lib/live/event-stream.ts';
import { type LiveTopic, useOrganizationTopic } from '@/lib/live/use-topic.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { useToday } from '@/lib/use-now.ts';
import { growLog } from './life/live-log.ts';
import { fetchEventsSince, type LiveOffice, officeQueries } from './office-queries.ts';

/** The office, kept true: events in the order of the database, what was missed pulled. */
export function useOffice(): { office: UseQueryResult<LiveOffice>; people: LiveTopic } {
  const { id, timeZone } = useOrganization();
  const client = useQueryClient();
  const office = useQuery(officeQueries.live(id));
  const stream = useRef<EventStream<OfficeEvent> | null>(null);
  const snapshot = office.data?.state.now;
  const today = useToday(timeZone);
  const day = useRef(today);
  useEffect(() => {
    if (day.current === today) return;
    day.current = today;
    // What was spent today begins anew.
    void client.invalidateQueries({ queryKey: officeQueries.live(id).queryKey });
  }, [client, id, today]);
  useEffect(() => {
    // A log from before one was on another page has grown since its snapshot.
    const seen = client.getQueryData(officeQueries.live(id).queryKey)?.log.lastSeq;
    if (snapshot === undefined || seen === undefined) return undefined;
    const opened = new EventStream<OfficeEvent>(seen, {
      pull: (after) => pullEvents(client, id, after),
      apply: (event) => applyTo(client, id, snapshot, event),
    });
    stream.current = opened;
    // What was sent while the snapshot was on its way.
    void opened.pull();
    return () => opened.stop();
  }, [client, id, snapshot]);
  useOrganizationTopic('office', {
    onMessage: (event, payload) => {
      if (event === 'event') receive(stream.current, payload);
      if (event === 'agent_placed') notePlacement(client, id, payload);
    },
    onPull: () => void stream.current?.pull(),
  });
  const people = useOrganizationTopic('people', {});
  return { office, people };
}

function receive(stream: EventStream<OfficeEvent> | null, payload: unknown): void {
  const event = OfficeEvent.safeParse(payload).data;
  if (event) stream?.receive(event);
}

async function pullEvents(
  client: QueryClient,
  organizationId: string,
  after: number,
): Promise<OfficeEvent[]> {
  try {
    const events: OfficeEvent[] = [];
    for (;;) {
      const page = await fetchEventsSince(organizationId, events.at(-1)?.seq ?? after);
      events.push(...page);
      if (page.length < 1_000) return events;
    }
  } catch (error) {
    // Whoever was removed learns of it here: the shell asks which organizations are left.
    if (error instanceof RequestError && error.status === 404) {
      await client.invalidateQueries({ queryKey: ['organizations'] });
    }
    throw error;
  }
}

/** To the snapshot that its stream began behind: another one, asked for since, has a stream of its own. */
function applyTo(client: QueryClient, organizationId: string, snapshot: string, event: OfficeEvent): void {
  const { queryKey } = officeQueries.live(organizationId);
  client.setQueryData(queryKey, (office) =>
    office?.state.now === snapshot ? { ...office, log: growLog(office.log, event) } : office,
  );
  // Names, desks and who is paused are no part of the log.
  if (event.kind.startsWith('agent_')) void client.invalidateQueries({ queryKey });
}

function notePlacement(client: QueryClient, organizationId: string, payload: unknown): void {
  const placement = AgentPlacement.safeParse(payload).data;
  if (!placement) return;
  client.setQueryData(officeQueries.live(organizationId).queryKey, (office) => {
    if (!office) return office;
    const others = office.state.placements.filter(({ agent_id }) => agent_id !== placement.agent_id);
    return { ...office, state: { ...office.state, placements: [...others, placement] } };
  });
}
