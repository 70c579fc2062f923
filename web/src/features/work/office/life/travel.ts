import type { FloorPlan, Point } from '../plan/floor-plan.ts';
import { isWalkable } from '../plan/walkable.ts';

/** Where a person was at an instant and which way they went, in units of the wide plan and units a second. */
export type Vector = Point & { vx: number; vy: number; atMs: number };

const stepMs = 50;
/** Whoever says nothing for so long has lost their connection: their figure stops. */
const silenceMs = 2_500;

/** Where a person is at an instant if nothing changed since: on along the vector, and along walls where they are in the way. */
export function travelAt(plan: FloorPlan, vector: Vector, atMs: number): Point {
  const { vx, vy } = vector;
  let here: Point = { x: vector.x, y: vector.y };
  if (!isMoving(vector)) return here;
  const untilMs = Math.min(Math.max(atMs - vector.atMs, 0), silenceMs);
  for (let doneMs = 0; doneMs < untilMs; doneMs += stepMs) {
    const seconds = Math.min(stepMs, untilMs - doneMs) / 1000;
    here = step(plan, here, { x: vx * seconds, y: vy * seconds });
  }
  return here;
}

export const isMoving = ({ vx, vy }: Vector): boolean => vx !== 0 || vy !== 0;

/** Whether the figure still moves by then. */
export const isTravelling = (vector: Vector, atMs: number): boolean =>
  isMoving(vector) && atMs - vector.atMs < silenceMs;

function step(plan: FloorPlan, { x, y }: Point, by: Point): Point {
  const tries = [
    { x: x + by.x, y: y + by.y },
    { x: x + by.x, y },
    { x, y: y + by.y },
  ];
  return tries.find((place) => isWalkable(plan, place)) ?? { x, y };
}
