import { useState } from 'react';
import { Alert, Button } from '@mantine/core';
import { Link, useLocation, useNavigate, useParams } from 'react-router';
import type { LiveTopic } from '@/lib/live/use-topic.ts';
import { formatUsd, formatUsdExact, lengthOfUsd, roundUsd, sumUsd, type Usd } from '@/lib/money.ts';
import { formatPlural } from '@/lib/numbers.ts';
import { useOrganization } from '@/lib/organization.tsx';
import { paths } from '@/lib/paths.ts';
import { useUserId } from '@/lib/session.tsx';
import { notifyError } from '@/ui/notify.ts';
import { type Assigning, AssignModal } from './assign-modal.tsx';
import type { DropTarget } from './drawing/drop-target.ts';
import { OfficeMap } from './drawing/office-map.tsx';
import classes from './office.module.css';
import { OfficeList } from './office-list.tsx';
import { type LiveOffice, placeAgent } from './office-queries.ts';
import { freeStopAt } from './plan/point-of.ts';
import { useEveryoneHere } from './presence/people-store.ts';
import { useOwnWalk } from './presence/use-own-walk.ts';
import { AgentDrawer } from './receipt/agent-drawer.tsx';
import { PersonDrawer } from './receipt/person-drawer.tsx';
import { useLeases } from './use-leases.ts';
import { type OfficeView, useHistory, useOfficeView, useStaff } from './use-office-view.ts';
import { usePlans } from './use-plans.ts';

type LiveOfficeViewProps = { office: LiveOffice; topic: LiveTopic };

export function LiveOfficeView({ office, topic }: LiveOfficeViewProps) {
  const { slug } = useOrganization();
  const navigate = useNavigate();
  const { state, log, offsetMs } = office;
  const staff = useStaff(office);
  const { wide, plan } = usePlans(staff);
  const history = useHistory(staff, log.before, log.events, state.placements);
  const isLeased = useLeases(log.tasks, offsetMs);
  const here = useEveryoneHere();
  const now = (): number => Date.now() + offsetMs;
  const view = useOfficeView({
    staff,
    history,
    // Beyond the last event: what it says holds, also where this browser's clock is behind.
    atMs: Number.POSITIVE_INFINITY,
    isLeased,
    here,
    places: state.places,
  });
  const own = useOwnPerson(view);
  const walk = useOwnWalk({
    wide,
    topic,
    offsetMs,
    office: own.office,
    lastPlace: state.places[own.userId] ?? null,
  });
  const [assigning, setAssigning] = useState<Assigning | null>(null);
  const assign = (agentId: string): void => setAssigning({ agentId, approverId: null });
  const drop = (agentId: string, target: DropTarget): void => {
    if (target.kind !== 'lounge') {
      setAssigning({ agentId, approverId: target.kind === 'person' ? target.userId : null });
      return;
    }
    const [, x = '0', y = '0'] = freeStopAt(plan, target.point).split('/');
    void placeAgent(agentId, { x: Number(x), y: Number(y) }).catch(notifyError);
  };
  return (
    <div className={classes.layout}>
      <div className={classes.frame}>
        {staff.agents.length === 0 && <NoAgents />}
        <Figures spentUsd={sumUsd([state.spent_today_usd, log.addedUsd])} view={view} />
        <OfficeMap
          wide={wide}
          plan={plan}
          agents={view.agents}
          people={view.people}
          offices={view.offices}
          litDesks={view.litDesks}
          clock={now}
          time="live"
          onOpenAgent={(agentId) =>
            void navigate(paths.officeAgent(slug, agentId), { preventScrollReset: true })
          }
          onOpenPerson={(userId) =>
            void navigate(paths.officePerson(slug, userId), { preventScrollReset: true })
          }
          onDrop={drop}
          onHead={walk.head}
          onGoTo={walk.goTo}
        />
      </div>
      <OfficeList view={view} onAssign={assign} />
      <Drawers view={view} onAssign={assign} />
      <AssignModal assigning={assigning} staff={staff} onClose={() => setAssigning(null)} />
    </div>
  );
}

function Drawers({ view, onAssign }: { view: OfficeView; onAssign: (agentId: string) => void }) {
  const { slug } = useOrganization();
  const { subject, subjectId } = useParams();
  const { search } = useLocation();
  const navigate = useNavigate();
  const close = (): void => void navigate(`${paths.office(slug)}${search}`, { preventScrollReset: true });
  return (
    <>
      <AgentDrawer
        agentId={subject === 'agents' ? subjectId : undefined}
        agents={view.agents}
        onAssign={onAssign}
        onClose={close}
      />
      <PersonDrawer userId={subject === 'people' ? subjectId : undefined} view={view} onClose={close} />
    </>
  );
}

/** One's own place among the people; the first office until one is known to belong here. */
function useOwnPerson({ staff }: OfficeView): { userId: string; office: number } {
  const userId = useUserId();
  return { userId, office: staff.people.find((person) => person.userId === userId)?.office ?? 0 };
}

function Figures({ spentUsd, view }: { spentUsd: Usd; view: OfficeView }) {
  const working = view.agents.filter(({ isLive }) => isLive).length;
  return (
    <div className={classes.figures}>
      <span className={classes.figure}>
        <span className={classes.amount} data-testid="office-spend">
          {formatCounter(spentUsd)}
        </span>
        spent today
      </span>
      <span className={classes.figure}>{formatPlural(view.people.length, 'person', 'people')} here</span>
      <span className={classes.figure}>{working} working</span>
    </div>
  );
}

/** With so many decimals that one sees it rise. */
const formatCounter = (usd: Usd): string =>
  lengthOfUsd(usd) < 0.01 ? formatUsd(usd) : formatUsdExact(roundUsd(usd, 4));

function NoAgents() {
  const { slug, canManage } = useOrganization();
  return (
    <Alert title="No agents work here yet.">
      {canManage
        ? 'Once there are some, you see here what they do, and give them tasks by dragging them to a desk.'
        : 'An owner or admin creates them. Then you see here what they do, and give them tasks.'}
      {canManage && (
        <Button component={Link} to={paths.agents(slug)} mt="sm" display="block" w="fit-content">
          Create an agent
        </Button>
      )}
    </Alert>
  );
}
