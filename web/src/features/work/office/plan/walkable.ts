import { doorWidth, type FloorPlan, type Point, type Rect, type Room } from './floor-plan.ts';

/** How near to a wall a person stands. */
const shoulder = 18;

/** Whether a person may stand here: inside a room or the hall, or in a doorway. */
export function isWalkable(plan: FloorPlan, point: Point): boolean {
  return plan.rooms.some((room) => contains(inner(room.rect), point) || isInDoorway(room, point));
}

/** The place nearest to a point where a person may stand. */
export function nearestWalkable(plan: FloorPlan, point: Point): Point {
  if (isWalkable(plan, point)) return point;
  const places = plan.rooms.map(({ rect }) => clamp(inner(rect), point));
  return places.reduce((best, place) => (distance(place, point) < distance(best, point) ? place : best));
}

export const distance = (one: Point, other: Point): number => Math.hypot(one.x - other.x, one.y - other.y);

function isInDoorway({ door }: Room, point: Point): boolean {
  if (!door) return false;
  const isLevel = door.side === 'top' || door.side === 'bottom';
  const width = isLevel ? doorWidth - 10 : 2 * shoulder + 4;
  const height = isLevel ? 2 * shoulder + 4 : doorWidth - 10;
  return contains({ x: door.at.x - width / 2, y: door.at.y - height / 2, width, height }, point);
}

const inner = ({ x, y, width, height }: Rect): Rect => ({
  x: x + shoulder,
  y: y + shoulder,
  width: width - 2 * shoulder,
  height: height - 2 * shoulder,
});

const contains = ({ x, y, width, height }: Rect, point: Point): boolean =>
  point.x >= x && point.y >= y && point.x <= x + width && point.y <= y + height;

const clamp = ({ x, y, width, height }: Rect, point: Point): Point => ({
  x: Math.min(Math.max(point.x, x), x + width),
  y: Math.min(Math.max(point.y, y), y + height),
});
