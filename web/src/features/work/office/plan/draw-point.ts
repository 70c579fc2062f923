import { type FloorPlan, type Point, type Rect, roomAt, roomOf, type Side } from './floor-plan.ts';

/** A point of the wide plan, in which positions of people are told, as it is drawn on this one. */
export function drawPoint(wide: FloorPlan, plan: FloorPlan, point: Point): Point {
  if (plan.shape === wide.shape) return point;
  const room = roomAt(wide, point);
  if (!room) return { x: plan.width / 2, y: 40 };
  const drawn = roomOf(plan, room.id);
  const u = (point.x - room.rect.x) / room.rect.width;
  const v = (point.y - room.rect.y) / room.rect.height;
  // The hall lies across one plan and along the other; rooms are turned so that doorways stay doorways.
  if (!room.door || !drawn.door) return at(drawn.rect, v, u);
  const depth = room.door.side === 'bottom' ? 1 - v : v;
  return intoRoom(drawn.rect, drawn.door.side, u, depth);
}

/** `depth`: from the door's side inwards; `u` along that side. */
function intoRoom(rect: Rect, side: Side, u: number, depth: number): Point {
  switch (side) {
    case 'top':
      return at(rect, u, depth);
    case 'bottom':
      return at(rect, u, 1 - depth);
    case 'left':
      return at(rect, depth, u);
    case 'right':
      return at(rect, 1 - depth, u);
  }
}

const at = ({ x, y, width, height }: Rect, u: number, v: number): Point => ({
  x: x + u * width,
  y: y + v * height,
});
