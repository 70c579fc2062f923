import { IconMoonStars } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { addDays, formatDayLong } from '@/lib/dates.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { useToday } from '@/lib/use-now.ts';
import { AsyncView } from '@/ui/async-view.tsx';
import { EmptyState } from '@/ui/empty-state.tsx';
import { BlockSkeleton } from '@/ui/skeletons.tsx';
import { OfficeMap } from '../drawing/office-map.tsx';
import classes from '../office.module.css';
import { OfficeList } from '../office-list.tsx';
import { type LiveOffice, type OfficeDay, officeQueries } from '../office-queries.ts';
import { useHistory, useOfficeView, useStaff } from '../use-office-view.ts';
import { usePlans } from '../use-plans.ts';
import { ReplayBar } from './replay-bar.tsx';
import { useReplayClock } from './use-replay-clock.ts';

/** Yesterday once more, from the log. */
export function ReplayOfficeView({ office }: { office: LiveOffice }) {
  const { id, timeZone } = useOrganization();
  const day = addDays(useToday(timeZone), -1);
  return (
    <AsyncView
      query={useQuery(officeQueries.day(id, day, timeZone))}
      skeleton={<BlockSkeleton height={320} label="Loading yesterday" />}
    >
      {(data) =>
        data.events.length === 0 ? (
          <EmptyState
            icon={IconMoonStars}
            title={`Nothing happened on ${formatDayLong(day)}.`}
            description="A day on which agents work can be played here on the day after."
          />
        ) : (
          <Replay key={day} office={office} day={data} />
        )
      }
    </AsyncView>
  );
}

const nobodyHere = [] as const;
const noPlacements: LiveOffice['state']['placements'] = [];
const noPlaces: LiveOffice['state']['places'] = {};
const hourMs = 3_600_000;

function Replay({ office, day }: { office: LiveOffice; day: OfficeDay }) {
  const { slug, timeZone } = useOrganization();
  const navigate = useNavigate();
  const staff = useStaff(office);
  const { wide, plan } = usePlans(staff);
  const history = useHistory(staff, day.before, day.events, noPlacements);
  const replay = useReplayClock(beginningOf(day), day.fromMs, day.toMs);
  const view = useOfficeView({
    staff,
    history,
    atMs: replay.atMs,
    // What was begun by then was being done, as far as the log knows.
    isLeased: () => true,
    here: nobodyHere,
    places: noPlaces,
  });
  return (
    <div className={classes.layout}>
      <div className={classes.frame}>
        <ReplayBar
          replay={replay}
          fromMs={day.fromMs}
          toMs={day.toMs}
          spend={history.spend}
          timeZone={timeZone}
        />
        <OfficeMap
          wide={wide}
          plan={plan}
          agents={view.agents}
          people={view.people}
          offices={view.offices}
          litDesks={view.litDesks}
          clock={replay.clock}
          time={replay.isPlaying ? 'playing' : 'standing'}
          onOpenAgent={(agentId) => void navigate(paths.officeAgent(slug, agentId))}
          onOpenPerson={(userId) => void navigate(paths.officePerson(slug, userId))}
        />
      </div>
      <OfficeList view={view} />
    </div>
  );
}

/** Nights are long: it begins at the full hour before the first event. */
function beginningOf({ fromMs, events }: OfficeDay): number {
  const first = events[0] ? Date.parse(events[0].at) : fromMs;
  return Math.max(fromMs, Math.floor(first / hourMs) * hourMs);
}
