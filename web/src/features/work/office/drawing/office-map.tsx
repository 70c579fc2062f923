import { type KeyboardEvent, useEffect, useMemo, useRef } from 'react';
import { useReducedMotion } from '@mantine/hooks';
import type { AgentHistory } from '../life/office-history.ts';
import type { StaffAgent, StaffPerson } from '../life/staff.ts';
import { isTravelling, travelAt } from '../life/travel.ts';
import { drawnAt, isWalking, whereaboutsAt } from '../life/walk.ts';
import { drawPoint } from '../plan/draw-point.ts';
import type { FloorPlan, Point } from '../plan/floor-plan.ts';
import { chairIn } from '../plan/point-of.ts';
import { onMoves, vectorOf } from '../presence/people-store.ts';
import { AgentFigure, type AgentLook } from './agent-figure.tsx';
import classes from './drawing.module.css';
import type { DropTarget, PersonPlace } from './drop-target.ts';
import figures from './figures.module.css';
import { Floor, type Office } from './floor.tsx';
import { PersonFigure, type PersonLook } from './person-figure.tsx';
import { pointIn, useDrag } from './use-drag.ts';
import { type Mover, type OfficeTime, useMovement } from './use-movement.ts';

export type ShownAgent = { agent: StaffAgent; look: AgentLook; history: AgentHistory; label: string };
export type ShownPerson = {
  person: StaffPerson;
  look: PersonLook;
  /** Walks about, rather than sitting in the own office. */
  isAfoot: boolean;
  /** Where they were last, before anything is heard of them. */
  lastPlace: Point | null;
  label: string;
};

type OfficeMapProps = {
  /** The one that walks are counted in, and the one that is drawn. */
  wide: FloorPlan;
  plan: FloorPlan;
  agents: readonly ShownAgent[];
  people: readonly ShownPerson[];
  offices: readonly (Office | null)[];
  litDesks: ReadonlySet<number>;
  clock: () => number;
  time: OfficeTime;
  onOpenAgent: (agentId: string) => void;
  onOpenPerson: (userId: string) => void;
  /** Absent in a replay: what is past is not changed. */
  onDrop?: (agentId: string, target: DropTarget) => void;
  onHead?: (direction: Point) => void;
  onGoTo?: (point: Point) => void;
};

export function OfficeMap(props: OfficeMapProps) {
  const { wide, plan, agents, people, clock, time, onDrop } = props;
  const isStill = useReducedMotion();
  const svgRef = useRef<SVGSVGElement>(null);
  const movers = useMemo(
    () => [
      ...people.map((person) => moverOfPerson(wide, plan, person, isStill)),
      ...agents.map((agent) => moverOfAgent(wide, plan, agent, isStill)),
    ],
    [wide, plan, agents, people, isStill],
  );
  const { figureRef, wake } = useMovement({ movers, clock, time, scale: plan.scale });
  useEffect(() => onMoves(wake), [wake]);
  const placesOfPeople = (): PersonPlace[] =>
    people.map(({ person }, index) => ({
      userId: person.userId,
      office: person.office,
      point: movers[index]?.at(clock()).point ?? { x: 0, y: 0 },
    }));
  const { drag, beginDrag, svgEvents } = useDrag({
    svgRef,
    plan,
    people: placesOfPeople,
    onDrop: (agentId, target) => onDrop?.(agentId, target),
  });
  return (
    <div
      role="group"
      aria-label="Floor plan"
      aria-roledescription={props.onHead && 'floor plan: arrow keys walk'}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the keys that walk need something to be pressed on
      tabIndex={props.onHead ? 0 : -1}
      className={classes.map}
      {...keysOf(props.onHead)}
    >
      <svg
        ref={svgRef}
        viewBox={`0 0 ${plan.width} ${plan.height}`}
        className={classes.office}
        role="presentation"
        data-dragging={drag !== null || undefined}
        {...(onDrop && svgEvents)}
      >
        <g
          onClick={(event) => {
            if (plan.shape === 'wide') props.onGoTo?.(pointIn(svgRef.current, event));
          }}
        >
          <Floor plan={plan} offices={props.offices} litDesks={props.litDesks} />
        </g>
        {drag?.target && <rect {...drag.target.rect} rx={10} className={classes.target} />}
        {people.map(({ person, look, label }) => (
          <Figure
            key={person.userId}
            figureRef={figureRef(`person ${person.userId}`)}
            label={label}
            place="person"
            onOpen={() => props.onOpenPerson(person.userId)}
          >
            <PersonFigure {...look} />
          </Figure>
        ))}
        {agents.map(({ agent, look, label, history }) => (
          <Figure
            key={agent.id}
            figureRef={figureRef(`agent ${agent.id}`)}
            label={label}
            place={history.stays.at(-1)?.stop ?? ''}
            onOpen={() => props.onOpenAgent(agent.id)}
            {...(onDrop && { onPress: (event) => beginDrag(agent.id, event) })}
          >
            <AgentFigure {...look} caption={hasRoomForWords(plan, history) ? look.caption : null} />
          </Figure>
        ))}
        {drag && (
          <Dragged
            drag={drag.point}
            scale={plan.scale}
            look={agents.find(({ agent }) => agent.id === drag.agentId)?.look}
          />
        )}
      </svg>
    </div>
  );
}

/** Beside a table on a phone there is none. */
const hasRoomForWords = ({ shape }: FloorPlan, { stays }: AgentHistory): boolean =>
  shape === 'wide' || !(stays.at(-1)?.stop ?? '').startsWith('meeting/');

type FigureProps = {
  figureRef: (element: SVGGElement | null) => void;
  label: string;
  place: string;
  onOpen: () => void;
  onPress?: (event: React.PointerEvent) => void;
  children: React.ReactNode;
};

/** A picture that a pointer can press; keys reach the same by the list beside the plan, in reading order. */
function Figure({ figureRef, label, place, onOpen, onPress, children }: FigureProps) {
  return (
    <g
      ref={figureRef}
      role="img"
      aria-label={label}
      data-place={place}
      className={onPress ? `${figures.figure ?? ''} ${figures.draggable ?? ''}` : figures.figure}
      onClick={onOpen}
      onPointerDown={onPress}
    >
      {children}
    </g>
  );
}

function Dragged({ drag, scale, look }: { drag: Point; scale: number; look: AgentLook | undefined }) {
  if (!look) return null;
  return (
    <g
      transform={`translate(${drag.x} ${drag.y + 18}) scale(${scale * 1.1})`}
      className={figures.dragged}
      aria-hidden
    >
      <AgentFigure {...look} />
    </g>
  );
}

function moverOfAgent(
  wide: FloorPlan,
  plan: FloorPlan,
  { agent, history }: ShownAgent,
  isStill: boolean,
): Mover {
  return {
    key: `agent ${agent.id}`,
    at: (atMs) => {
      // Who asked for no motion sees where it goes at once.
      const far = isStill ? atMs + 60_000 : atMs;
      const stays = isStill ? history.stays.filter(({ sinceMs }) => sinceMs <= atMs) : history.stays;
      const here = whereaboutsAt(wide, stays, far);
      // An event may be a moment ahead of this browser's idea of the time.
      const isAboutTo = (stays.at(-1)?.sinceMs ?? 0) > atMs;
      return { point: drawnAt(plan, here), isMoving: isWalking(here) || isAboutTo };
    },
  };
}

function moverOfPerson(
  wide: FloorPlan,
  plan: FloorPlan,
  { person, isAfoot, lastPlace }: ShownPerson,
  isStill: boolean,
): Mover {
  const seat = { point: chairIn(plan, person.office, person.chair), isMoving: false };
  return {
    key: `person ${person.userId}`,
    at: (atMs) => {
      const vector = isAfoot ? vectorOf(person.userId) : undefined;
      if (vector) {
        const point = drawPoint(wide, plan, travelAt(wide, vector, atMs));
        // Without motion a figure is drawn where it is whenever something is heard of it.
        return { point, isMoving: !isStill && isTravelling(vector, atMs) };
      }
      return isAfoot && lastPlace ? { point: drawPoint(wide, plan, lastPlace), isMoving: false } : seat;
    },
  };
}

const directions: Readonly<Record<string, Point>> = {
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
};

function keysOf(onHead: ((direction: Point) => void) | undefined) {
  if (!onHead) return {};
  return {
    onKeyDown: (event: KeyboardEvent) => {
      const direction = directions[event.key];
      if (!direction || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      if (!event.repeat) onHead(direction);
    },
    onKeyUp: (event: KeyboardEvent) => {
      if (directions[event.key]) onHead({ x: 0, y: 0 });
    },
    onBlur: () => onHead({ x: 0, y: 0 }),
  };
}
