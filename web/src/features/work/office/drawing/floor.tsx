import { memo } from 'react';
import { deskCell, doorWidth, type FloorPlan, range, type Rect, type Room } from '../plan/floor-plan.ts';
import { meetingSeats, pointOf, within } from '../plan/point-of.ts';
import classes from './drawing.module.css';
import {
  Bookshelf,
  Chair,
  CoffeeBar,
  Desk,
  Lamp,
  MeetingTable,
  Plant,
  RoundTable,
  Rug,
  Sofa,
  Whiteboard,
  WindowPane,
} from './furniture.tsx';

type FloorProps = {
  plan: FloorPlan;
  /** Whose office each is, in order; null: nobody's. */
  offices: readonly (Office | null)[];
  /** Desks whose screens glow. */
  litDesks: ReadonlySet<number>;
};

export type Office = { name: string; isThere: boolean };

/** Floors, walls and furniture: all that never moves. */
export const Floor = memo(DrawnFloor, isSameFloor);

function DrawnFloor({ plan, offices, litDesks }: FloorProps) {
  return (
    <g aria-hidden>
      <defs>
        <radialGradient id="office-glow">
          <stop offset="0" stopColor="var(--glow)" />
          <stop offset="1" stopColor="var(--glow)" stopOpacity="0" />
        </radialGradient>
        <pattern id="office-planks" width="120" height="44" patternUnits="userSpaceOnUse">
          <path d="M0 .5 H120 M0 22.5 H120 M40 0 V22 M100 22 V44" className={classes.plank} />
        </pattern>
        <pattern id="office-tiles" width="46" height="46" patternUnits="userSpaceOnUse">
          <path d="M0 .5 H46 M.5 0 V46" className={classes.tile} />
        </pattern>
      </defs>
      {plan.rooms.map((room) => (
        <RoomFloor key={room.id} room={room} />
      ))}
      <Hall plan={plan} />
      {plan.rooms.map((room) => (
        <Walls key={room.id} room={room} />
      ))}
      <Lounge plan={plan} />
      <Meeting plan={plan} />
      <Desks plan={plan} litDesks={litDesks} />
      {range(plan.headcount.offices).map((index) => (
        <OfficeRoom key={index} plan={plan} index={index} office={offices[index] ?? null} />
      ))}
    </g>
  );
}

/** It has hundreds of parts, and changes only when a light goes on or somebody comes. */
function isSameFloor(one: FloorProps, other: FloorProps): boolean {
  const describe = ({ offices, litDesks }: FloorProps): string => JSON.stringify([offices, [...litDesks]]);
  return one.plan === other.plan && describe(one) === describe(other);
}

function RoomFloor({ room: { id, rect } }: { room: Room }) {
  const pattern = id === 'lounge' ? 'url(#office-planks)' : 'url(#office-tiles)';
  return (
    <>
      <rect {...rect} className={classes.floor} data-room={id} />
      {id !== 'meeting' && <rect {...rect} fill={pattern} />}
    </>
  );
}

function Hall({ plan }: { plan: FloorPlan }) {
  const hall = plan.rooms.find(({ id }) => id === 'hall');
  if (!hall) return null;
  const { x, y, width, height } = hall.rect;
  const inset = 30;
  return (
    <rect
      x={x + inset}
      y={y + inset}
      width={width - 2 * inset}
      height={height - 2 * inset}
      rx={12}
      className={classes.runner}
    />
  );
}

/** A line around the room, open at its doorway. */
function Walls({ room: { rect, door } }: { room: Room }) {
  const { x, y, width, height } = rect;
  if (!door) return null;
  const half = doorWidth / 2;
  const [left, top, right, bottom] = [x, y, x + width, y + height];
  const corners = {
    top: [door.at.x + half, top, right, top, right, bottom, left, bottom, left, top, door.at.x - half, top],
    bottom: [
      door.at.x - half,
      bottom,
      left,
      bottom,
      left,
      top,
      right,
      top,
      right,
      bottom,
      door.at.x + half,
      bottom,
    ],
    left: [
      left,
      door.at.y - half,
      left,
      top,
      right,
      top,
      right,
      bottom,
      left,
      bottom,
      left,
      door.at.y + half,
    ],
    right: [
      right,
      door.at.y + half,
      right,
      bottom,
      left,
      bottom,
      left,
      top,
      right,
      top,
      right,
      door.at.y - half,
    ],
  }[door.side];
  const path = corners.join(' ');
  return (
    <>
      <polyline points={path} className={classes.wall} />
      <polyline points={path} className={classes.wallTop} />
    </>
  );
}

function RoomName({ rect, name }: { rect: Rect; name: string }) {
  return (
    <text x={rect.x + 16} y={rect.y + 26} className={classes.roomName}>
      {name}
    </text>
  );
}

function Lounge({ plan }: { plan: FloorPlan }) {
  const rect = rectOf(plan, 'lounge');
  const rugHeight = rect.height * 0.5;
  const at = (u: number, v: number) => within(rect, u, v);
  return (
    <g>
      <RoomName rect={rect} name="Lounge" />
      <Rug
        x={rect.x + rect.width * 0.1}
        y={rect.y + rect.height * 0.38}
        width={rect.width * 0.8}
        height={rugHeight}
      />
      <Sofa {...at(plan.shape === 'wide' ? 0.34 : 0.56, 0.2)} width={Math.min(150, rect.width * 0.5)} />
      {plan.shape === 'wide' && <CoffeeBar {...at(0.8, 0.18)} />}
      <RoundTable {...at(0.5, 0.93)} radius={18} />
      <Plant {...at(plan.shape === 'wide' ? 0.1 : 0.2, 0.93)} size={1.2} />
      <Plant {...at(0.07, 0.24)} size={0.9} />
      <Lamp {...at(0.9, 0.9)} reach={110} />
    </g>
  );
}

function Meeting({ plan }: { plan: FloorPlan }) {
  const rect = rectOf(plan, 'meeting');
  const table = {
    x: rect.x + rect.width * 0.34,
    y: rect.y + rect.height * 0.24,
    width: rect.width * 0.32,
    height: rect.height * 0.57,
  };
  return (
    <g>
      <RoomName rect={rect} name="Meeting room" />
      {range(meetingSeats).map((seat) => (
        <Chair key={seat} {...pointOf(plan, `meeting/${seat}`)} />
      ))}
      <MeetingTable {...table} />
      <Whiteboard x={rect.x + rect.width / 2} y={rect.y + rect.height - 32} width={rect.width * 0.5} />
      <Plant {...within(rect, 0.1, 0.92)} size={0.9} />
      <Lamp x={rect.x + rect.width * 0.9} y={rect.y + rect.height * 0.92} />
    </g>
  );
}

function Desks({ plan, litDesks }: { plan: FloorPlan; litDesks: ReadonlySet<number> }) {
  const rect = rectOf(plan, 'desks');
  const places = plan.deskGrid.columns * plan.deskGrid.rows;
  return (
    <g>
      <RoomName rect={rect} name="Desks" />
      {range(places).map((desk) => {
        const cell = deskCell(plan, desk);
        return (
          <Desk
            key={desk}
            x={cell.x + cell.width / 2}
            y={cell.y + cell.height * 0.36}
            scale={plan.scale}
            isLit={litDesks.has(desk)}
          />
        );
      })}
      <Plant x={rect.x + rect.width - 26} y={rect.y + 34} size={0.9} />
    </g>
  );
}

type OfficeRoomProps = { plan: FloorPlan; index: number; office: Office | null };

function OfficeRoom({ plan, index, office }: OfficeRoomProps) {
  const rect = rectOf(plan, `office/${index}`);
  const middle = rect.x + rect.width / 2;
  const isWide = plan.shape === 'wide';
  return (
    <g>
      {isWide && <WindowPane x={middle} y={rect.y} width={rect.width * 0.42} />}
      {office === null ? (
        <VacantRoom rect={rect} kind={index % vacantRooms.length} />
      ) : (
        <>
          <Rug x={middle - 56} y={rect.y + rect.height * 0.42} width={112} height={68} />
          <Desk x={middle} y={rect.y + rect.height * 0.4} scale={0.9} isLit={office.isThere} />
          <Plant x={rect.x + 24} y={rect.y + rect.height - 34} size={0.85} />
          {office.isThere && <Lamp x={rect.x + rect.width - 24} y={rect.y + rect.height - 32} reach={70} />}
          {!office.isThere && <rect {...rect} className={classes.dark} />}
        </>
      )}
      <NamePlate rect={rect} name={office?.name ?? vacantRooms[index % vacantRooms.length] ?? ''} />
    </g>
  );
}

/** What is nobody's office is of use to all. */
const vacantRooms = ['Kitchen', 'Library', 'Quiet room'];

function VacantRoom({ rect, kind }: { rect: Rect; kind: number }) {
  const at = (u: number, v: number) => within(rect, u, v);
  const width = Math.min(120, rect.width * 0.6);
  if (kind === 0)
    return (
      <>
        <CoffeeBar {...at(0.5, 0.32)} />
        <RoundTable {...at(0.34, 0.7)} radius={20} />
        <Chair {...at(0.54, 0.68)} />
        <Plant {...at(0.85, 0.8)} size={0.9} />
      </>
    );
  if (kind === 1)
    return (
      <>
        <Bookshelf {...at(0.5, 0.26)} width={width} />
        <Plant {...at(0.16, 0.78)} />
        <Bookshelf {...at(0.64, 0.68)} width={width * 0.6} />
      </>
    );
  return (
    <>
      <Rug x={rect.x + rect.width / 2 - 50} y={rect.y + rect.height * 0.5} width={100} height={60} />
      <Sofa {...at(0.5, 0.42)} width={width * 0.8} />
      <Plant {...at(0.14, 0.44)} size={0.9} />
      <RoundTable {...at(0.5, 0.72)} radius={15} />
    </>
  );
}

function NamePlate({ rect, name }: { rect: Rect; name: string }) {
  const shown = shorten(name, Math.floor(rect.width / 9));
  const width = shown.length * 7.4 + 18;
  return (
    <g transform={`translate(${rect.x + rect.width / 2} ${rect.y + 15})`}>
      <rect x={-width / 2} y={-9} width={width} height={20} rx={5} className={classes.plate} />
      <text y={5.5} className={classes.plateName}>
        {shown}
      </text>
    </g>
  );
}

const shorten = (name: string, letters: number): string =>
  name.length <= letters ? name : `${name.slice(0, letters - 1).trimEnd()}…`;

const rectOf = (plan: FloorPlan, id: Room['id']): Rect =>
  plan.rooms.find((room) => room.id === id)?.rect ?? { x: 0, y: 0, width: 0, height: 0 };
