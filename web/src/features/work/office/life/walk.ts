import type { FloorPlan, Point } from '../plan/floor-plan.ts';
import { pointOf } from '../plan/point-of.ts';
import { type Stop, wayBetween } from '../plan/stops.ts';

/** From an instant on somebody stays at a stop, once they have walked there. */
export type Stay = { sinceMs: number; stop: Stop };

/** Between two neighboring stops, so far from the first; at rest both are the same. */
export type Whereabouts = { from: Stop; to: Stop; along: number };

const unitsPerSecond = 170;
/** No walk through any plan takes longer. */
const longestWalkMs = 25_000;

/**
 * Where somebody with these stays is at an instant: a pure function, so that every screen shows the same walk without
 * being told. Lengths are those of `plan`, which must be the same (wide) one for everyone, however they draw it.
 */
export function whereaboutsAt(plan: FloorPlan, stays: readonly Stay[], atMs: number): Whereabouts {
  const last = stays.findLastIndex(({ sinceMs }) => sinceMs <= atMs);
  const first = earliestThatMatters(stays, last);
  let here = rest(stays[Math.max(first - 1, 0)]?.stop ?? 'lounge/0');
  for (let index = Math.max(first, 0); index <= last; index += 1) {
    const stay = stays[index];
    if (!stay) break;
    const untilMs = index < last ? (stays[index + 1]?.sinceMs ?? atMs) : atMs;
    here = walk(plan, here, stay.stop, ((untilMs - stay.sinceMs) / 1000) * unitsPerSecond);
  }
  return here;
}

export const isWalking = ({ from, to }: Whereabouts): boolean => from !== to;

/** Whereabouts as a point of any plan of the same rooms. */
export function drawnAt(plan: FloorPlan, { from, to, along }: Whereabouts): Point {
  const start = pointOf(plan, from);
  if (from === to) return start;
  const end = pointOf(plan, to);
  return { x: start.x + (end.x - start.x) * along, y: start.y + (end.y - start.y) * along };
}

const rest = (stop: Stop): Whereabouts => ({ from: stop, to: stop, along: 0 });

/** Whoever stayed long enough had arrived, wherever they came from. */
function earliestThatMatters(stays: readonly Stay[], last: number): number {
  let first = last;
  while (first > 0) {
    const [before, stay] = [stays[first - 1], stays[first]];
    if (!before || !stay || stay.sinceMs - before.sinceMs >= longestWalkMs) break;
    first -= 1;
  }
  return first;
}

/** So many units further on the shortest way to a stop. */
function walk(plan: FloorPlan, here: Whereabouts, target: Stop, units: number): Whereabouts {
  let left = units;
  for (const leg of wayFrom(plan, here, target)) {
    const length = lengthOf(plan, leg.from, leg.to) * (1 - leg.along);
    if (left < length) return { ...leg, along: leg.along + (left / length) * (1 - leg.along) };
    left -= length;
  }
  return rest(target);
}

/** The legs to a stop; from between two stops on whichever side is shorter. */
function wayFrom(plan: FloorPlan, here: Whereabouts, target: Stop): Whereabouts[] {
  const onward = [here, ...legsOf(wayBetween(here.to, target))];
  if (!isWalking(here)) return onward;
  const turned = { from: here.to, to: here.from, along: 1 - here.along };
  const back = [turned, ...legsOf(wayBetween(here.from, target))];
  return totalOf(plan, back) < totalOf(plan, onward) ? back : onward;
}

const legsOf = (stops: readonly Stop[]): Whereabouts[] =>
  stops.slice(1).map((to, index) => ({ from: stops[index] ?? to, to, along: 0 }));

const totalOf = (plan: FloorPlan, legs: readonly Whereabouts[]): number =>
  legs.reduce((sum, { from, to, along }) => sum + lengthOf(plan, from, to) * (1 - along), 0);

function lengthOf(plan: FloorPlan, from: Stop, to: Stop): number {
  const [start, end] = [pointOf(plan, from), pointOf(plan, to)];
  return Math.hypot(end.x - start.x, end.y - start.y);
}
