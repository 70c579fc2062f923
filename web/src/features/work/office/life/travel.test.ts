import { expect, test } from 'vitest';
import { drawPoint } from '../plan/draw-point.ts';
import { floorPlanOf, roomAt, roomOf } from '../plan/floor-plan.ts';
import { isWalkable, nearestWalkable } from '../plan/walkable.ts';
import { isTravelling, travelAt, type Vector } from './travel.ts';

const plan = floorPlanOf('wide', { agents: 4, offices: 4 });
const east: Vector = { x: 200, y: 200, vx: 200, vy: 0, atMs: 1_000 };

test('[OFV7] between two messages a person goes on as they went, the same on every screen', () => {
  expect(travelAt(plan, east, 1_000)).toEqual({ x: 200, y: 200 });
  expect(travelAt(plan, east, 2_000).x).toBeCloseTo(400);
  expect(travelAt(plan, { ...east, vx: 0 }, 9_000)).toEqual({ x: 200, y: 200 });
  expect(travelAt(plan, east, 500), 'a clock that is behind').toEqual({ x: 200, y: 200 });
});

test('[OFV8] whoever falls silent stops', () => {
  expect(travelAt(plan, east, 3_500)).toEqual(travelAt(plan, east, 60_000));
  expect(isTravelling(east, 3_000)).toBe(true);
  expect(isTravelling(east, 60_000)).toBe(false);
});

test('[OFV9] nobody walks through a wall, and everybody through a door', () => {
  const lounge = roomOf(plan, 'lounge');
  const into = (x: number): Vector => ({ x, y: 200, vx: 0, vy: 200, atMs: 0 });
  const at = lounge.door?.at ?? { x: 0, y: 0 };
  expect(roomAt(plan, travelAt(plan, into(at.x), 1_000))?.id).toBe('lounge');
  expect(roomAt(plan, travelAt(plan, into(at.x + 90), 1_000))?.id).toBe('hall');
  expect(isWalkable(plan, { x: 330, y: 500 })).toBe(false);
  expect(isWalkable(plan, nearestWalkable(plan, { x: -50, y: 500 }))).toBe(true);
});

test('[OFV10] a person is drawn in the same room on every plan', () => {
  const tall = floorPlanOf('tall', plan.headcount);
  for (let x = 25; x < plan.width; x += 50) {
    for (let y = 25; y < plan.height; y += 50) {
      const room = roomAt(plan, { x, y });
      expect(roomAt(tall, drawPoint(plan, tall, { x, y }))?.id).toBe(room?.id);
    }
  }
});
