import { deskCell, type FloorPlan, type Point, range, type Rect, roomOf } from './floor-plan.ts';
import type { Stop } from './stops.ts';

/** Where a stop is on this plan. */
export function pointOf(plan: FloorPlan, stop: Stop): Point {
  const [kind = '', first = '', second = ''] = stop.split('/');
  const index = Number(first);
  switch (kind) {
    case 'desk':
      return atDesk(plan, index, 0.66);
    case 'aisle':
      return atDesk(plan, index, 0.94);
    case 'lane':
      return { x: laneX(plan), y: atDesk(plan, index, 0.94).y };
    case 'meeting':
      return meetingSeat(plan, index);
    case 'side':
      return besideTable(plan, index);
    case 'lounge':
      return loungeSeat(plan, index);
    case 'free':
      return within(roomOf(plan, 'lounge').rect, index / 1000, Number(second) / 1000);
    case 'door':
      return atDoor(plan, index, Number(second));
    case 'entrance':
      return throughDoor(plan, first, -14);
    default:
      return throughDoor(plan, first.replace('office-', 'office/'), hallStep);
  }
}

/** Names the free place of the lounge that is nearest to a point. */
export function freeStopAt(plan: FloorPlan, { x, y }: Point): Stop {
  const { rect } = roomOf(plan, 'lounge');
  const share = (value: number, start: number, length: number): number =>
    Math.round(Math.min(Math.max((value - start) / length, 0.08), 0.92) * 1000);
  return `free/${share(x, rect.x, rect.width)}/${share(y, rect.y, rect.height)}`;
}

export const meetingSeats = 10;

/** How far into the hall people walk, and how many can wait at one door side by side. */
const hallStep = 50;
export const doorSpots = 3;

export const within = ({ x, y, width, height }: Rect, u: number, v: number): Point => ({
  x: x + u * width,
  y: y + v * height,
});

function atDesk(plan: FloorPlan, desk: number, v: number): Point {
  return within(deskCell(plan, desk), 0.5, v);
}

function laneX(plan: FloorPlan): number {
  return deskCell(plan, 0).x - 10;
}

/** Seats go round the table: five along each side, from the one nearest to the door. */
function meetingSeat(plan: FloorPlan, index: number): Point {
  const seat = index % meetingSeats;
  const v = 0.29 + Math.floor(seat / 2) * 0.125;
  return meetingPoint(plan, seat % 2 === 0 ? 0.2 : 0.8, v);
}

function besideTable(plan: FloorPlan, index: number): Point {
  return meetingPoint(plan, index % 2 === 0 ? 0.2 : 0.8, 0.14);
}

/** The table stands lengthwise, its head towards the door on a wide plan. */
function meetingPoint(plan: FloorPlan, u: number, v: number): Point {
  return within(roomOf(plan, 'meeting').rect, u, v);
}

/** As far apart as names need, every other row a little aside, as people stand. */
function loungeSeat(plan: FloorPlan, index: number): Point {
  const { rect } = roomOf(plan, 'lounge');
  const columns = Math.max(2, Math.floor((rect.width * 0.84) / (84 * plan.scale)));
  const rows = Math.max(3, Math.ceil(plan.headcount.agents / columns));
  const row = Math.floor(index / columns) % rows;
  const u = 0.5 + ((index % columns) - (columns - 1) / 2) * (0.8 / columns) + (row % 2 === 0 ? -0.03 : 0.03);
  return within(rect, u, 0.36 + (row + 0.5) * (0.52 / rows));
}

/** Side by side in the hall, before the doorway. */
function atDoor(plan: FloorPlan, office: number, spot: number): Point {
  const { door } = roomOf(plan, `office/${office % plan.headcount.offices}`);
  const at = door?.at ?? { x: 0, y: 0 };
  const turn = spot % doorSpots;
  if (plan.shape === 'wide') {
    const { y } = stepInto(plan, office, 62);
    return { x: at.x + ([0, -44, 44][turn] ?? 0), y: at.y + y };
  }
  // Downwards: a figure reaches up, and names must not lie on each other.
  const { x } = stepInto(plan, office, 26);
  return { x: at.x + x, y: at.y + 14 + turn * 40 };
}

function stepInto(plan: FloorPlan, office: number, length: number): Point {
  const { door } = roomOf(plan, `office/${office % plan.headcount.offices}`);
  return direction(door?.side ?? 'top', length);
}

/** Out of a room by its doorway so many units; negative ones are inside. */
function throughDoor(plan: FloorPlan, room: string, units: number): Point {
  const found = plan.rooms.find(({ id }) => id === room);
  if (!found?.door) throw new RangeError(`There is no doorway of ${room}.`);
  const { x, y } = direction(found.door.side, units);
  return { x: found.door.at.x + x, y: found.door.at.y + y };
}

/** The way out through a door on this side. */
function direction(side: 'top' | 'right' | 'bottom' | 'left', length: number): Point {
  switch (side) {
    case 'top':
      return { x: 0, y: -length };
    case 'bottom':
      return { x: 0, y: length };
    case 'left':
      return { x: -length, y: 0 };
    case 'right':
      return { x: length, y: 0 };
  }
}

/** Where a person sits in an office; several side by side where it is shared. */
export function chairIn(plan: FloorPlan, office: number, chair: number): Point {
  const { rect } = roomOf(plan, `office/${office}`);
  if (chair === 0) return within(rect, 0.5, 0.66);
  const aside = chair % 2 === 0 ? -1 : 1;
  return within(rect, 0.5 + aside * Math.min(0.34, 0.17 * Math.ceil(chair / 2)), 0.66 + (chair % 3) * 0.05);
}

/** Every stop that somebody can stay at, for drawing and tests. */
export const stopsToStay = (plan: FloorPlan): Stop[] => [
  ...range(plan.headcount.agents).flatMap((index) => [`desk/${index}`, `lounge/${index}`]),
  ...range(meetingSeats).map((index) => `meeting/${index}`),
  ...range(plan.headcount.offices).flatMap((office) =>
    range(doorSpots).map((spot) => `door/${office}/${spot}`),
  ),
];
