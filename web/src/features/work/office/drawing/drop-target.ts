import {
  deskCell,
  type FloorPlan,
  type Point,
  type Rect,
  range,
  roomAt,
  roomOf,
} from '../plan/floor-plan.ts';
import { distance } from '../plan/walkable.ts';

/** What an agent can be let go over: a desk (do this), a person (do this, and they approve it), or the lounge (stand there). */
export type DropTarget =
  | { kind: 'desk'; rect: Rect }
  | { kind: 'person'; userId: string; rect: Rect }
  | { kind: 'lounge'; rect: Rect; point: Point };

export type PersonPlace = { userId: string; point: Point; office: number };

const reachUnits = 44;

export function dropTargetAt(
  plan: FloorPlan,
  people: readonly PersonPlace[],
  point: Point,
): DropTarget | null {
  const near = people.find(
    (person) => distance({ x: person.point.x, y: person.point.y - 18 }, point) < reachUnits,
  );
  if (near) return { kind: 'person', userId: near.userId, rect: around(near.point) };
  const room = roomAt(plan, point);
  if (!room) return null;
  if (room.id === 'desks') return { kind: 'desk', rect: nearestDesk(plan, point) };
  if (room.id === 'lounge') return { kind: 'lounge', rect: room.rect, point };
  const owner = people.find(({ office }) => room.id === `office/${office}`);
  // An office that several share is nobody's door.
  const isShared = people.filter(({ office }) => office === owner?.office).length > 1;
  return owner && !isShared
    ? { kind: 'person', userId: owner.userId, rect: roomOf(plan, room.id).rect }
    : null;
}

const around = ({ x, y }: Point): Rect => ({ x: x - 36, y: y - 58, width: 72, height: 86 });

function nearestDesk(plan: FloorPlan, point: Point): Rect {
  const cells = range(plan.deskGrid.columns * plan.deskGrid.rows).map((desk) => deskCell(plan, desk));
  const middle = ({ x, y, width, height }: Rect): Point => ({ x: x + width / 2, y: y + height / 2 });
  return cells.reduce((best, cell) =>
    distance(middle(cell), point) < distance(middle(best), point) ? cell : best,
  );
}
