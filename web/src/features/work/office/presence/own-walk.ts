import { isMoving, travelAt, type Vector } from '../life/travel.ts';
import type { FloorPlan, Point } from '../plan/floor-plan.ts';
import { distance, nearestWalkable } from '../plan/walkable.ts';
import { routeTo } from './route-to.ts';

export type OwnWalkParts = {
  /** The wide one, in whose units positions are told. */
  plan: FloorPlan;
  /** The database's time. */
  now: () => number;
  /** Shows it on this screen, at once. */
  show: (vector: Vector) => void;
  /** Tells the others; called at most five times a second. */
  send: (vector: Vector) => void;
};

const unitsPerSecond = 190;
const leastBetweenMs = 200;
/** Whoever walks says so again, so that a lost message does not stop their figure for long. */
const againMs = 1_000;

/** One's own figure: it goes where keys or a click lead, and says so when its way changes, not where it is. */
export class OwnWalk {
  readonly #parts: OwnWalkParts;
  #vector: Vector;
  #route: Point[] = [];
  #turn: ReturnType<typeof setTimeout> | undefined;
  #saying: ReturnType<typeof setTimeout> | undefined;
  #saidAtMs = Number.NEGATIVE_INFINITY;
  #hasMoved = false;

  constructor(start: Point, parts: OwnWalkParts) {
    this.#parts = parts;
    this.#vector = { ...nearestWalkable(parts.plan, start), vx: 0, vy: 0, atMs: parts.now() };
    parts.show(this.#vector);
  }

  get here(): Point {
    return travelAt(this.#parts.plan, this.#vector, this.#parts.now());
  }

  /** Whether there is anything to save. */
  get hasMoved(): boolean {
    return this.#hasMoved;
  }

  /** In a direction until told otherwise; none stops. */
  head({ x, y }: Point): void {
    if (x === 0 && y === 0 && !isMoving(this.#vector)) return;
    this.#route = [];
    const length = Math.hypot(x, y);
    this.#go(length === 0 ? { x: 0, y: 0 } : { x: x / length, y: y / length });
  }

  /** To a point by the doors. */
  goTo(point: Point): void {
    this.#route = routeTo(this.#parts.plan, this.here, nearestWalkable(this.#parts.plan, point));
    this.#nextLeg();
  }

  /** Somebody came who knows nothing yet. */
  sayAgain(): void {
    this.#say();
  }

  stop(): void {
    clearTimeout(this.#turn);
    clearTimeout(this.#saying);
  }

  #nextLeg(): void {
    const here = this.here;
    const target = this.#route.shift();
    if (!target) return this.#go({ x: 0, y: 0 });
    const length = distance(here, target);
    if (length < 1) return this.#nextLeg();
    this.#go({ x: (target.x - here.x) / length, y: (target.y - here.y) / length });
    clearTimeout(this.#turn);
    this.#turn = setTimeout(() => this.#nextLeg(), (length / unitsPerSecond) * 1_000);
  }

  #go(direction: Point): void {
    clearTimeout(this.#turn);
    const { x, y } = this.here;
    this.#vector = {
      x,
      y,
      vx: direction.x * unitsPerSecond,
      vy: direction.y * unitsPerSecond,
      atMs: this.#parts.now(),
    };
    this.#hasMoved = true;
    this.#parts.show(this.#vector);
    this.#say();
    if (this.#route.length === 0 && isMoving(this.#vector))
      this.#turn = setTimeout(() => this.#goOn(), againMs);
  }

  #goOn(): void {
    const { vx, vy } = this.#vector;
    this.#go({ x: vx / unitsPerSecond, y: vy / unitsPerSecond });
  }

  /** At once, or as soon as it may: then what is true by then. */
  #say(): void {
    if (this.#saying !== undefined) return;
    const waitMs = Math.max(0, this.#saidAtMs + leastBetweenMs - Date.now());
    this.#saying = setTimeout(() => {
      this.#saying = undefined;
      this.#saidAtMs = Date.now();
      this.#parts.send({ ...this.#vector, ...this.here, atMs: this.#parts.now() });
    }, waitMs);
  }
}
