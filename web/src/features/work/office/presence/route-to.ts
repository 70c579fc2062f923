import { type FloorPlan, type Point, type Room, roomAt } from '../plan/floor-plan.ts';

/** Where to turn on the way to a point: out by one's door, along the hall, in by the other door. */
export function routeTo(plan: FloorPlan, from: Point, to: Point): Point[] {
  const [start, end] = [roomAt(plan, from), roomAt(plan, to)];
  if (start?.id === end?.id) return [to];
  return [...(start ? doorway(start) : []), ...(end ? doorway(end).toReversed() : []), to];
}

const insideUnits = 24;
const outsideUnits = 40;

/** Before a room's door from inside, and behind it in the hall. */
function doorway({ door }: Room): Point[] {
  if (!door) return [];
  const out = { top: { x: 0, y: -1 }, bottom: { x: 0, y: 1 }, left: { x: -1, y: 0 }, right: { x: 1, y: 0 } }[
    door.side
  ];
  return [-insideUnits, outsideUnits].map((units) => ({
    x: door.at.x + out.x * units,
    y: door.at.y + out.y * units,
  }));
}
