import { describe, expect, test } from 'vitest';
import { floorPlanOf } from '../plan/floor-plan.ts';
import { pointOf, stopsToStay } from '../plan/point-of.ts';
import { wayBetween } from '../plan/stops.ts';
import { drawnAt, isWalking, type Stay, whereaboutsAt } from './walk.ts';

const plan = floorPlanOf('wide', { agents: 6, offices: 5 });
const tall = floorPlanOf('tall', { agents: 6, offices: 5 });
const toDesk: Stay[] = [
  { sinceMs: 0, stop: 'lounge/2' },
  { sinceMs: 60_000, stop: 'desk/2' },
];

test('[OFV1] whoever has stayed is there, and whoever came long ago has arrived', () => {
  expect(whereaboutsAt(plan, toDesk, 59_999)).toEqual({ from: 'lounge/2', to: 'lounge/2', along: 0 });
  expect(whereaboutsAt(plan, toDesk, 90_000)).toEqual({ from: 'desk/2', to: 'desk/2', along: 0 });
  expect(whereaboutsAt(plan, toDesk, -5).to).toBe('lounge/2');
});

test('[OFV2] a walk takes the doorways, at one pace, and never jumps', () => {
  const seen: string[] = [];
  let before = pointOf(plan, 'lounge/2');
  for (let ms = 60_000; ms <= 75_000; ms += 20) {
    const here = whereaboutsAt(plan, toDesk, ms);
    const point = drawnAt(plan, here);
    expect(Math.hypot(point.x - before.x, point.y - before.y)).toBeLessThan(3.41);
    if (seen.at(-1) !== here.to) seen.push(here.to);
    before = point;
  }
  expect(seen).toEqual(wayBetween('lounge/2', 'desk/2').slice(1));
  expect(seen).toEqual([
    'entrance/lounge',
    'hall/lounge',
    'hall/desks',
    'entrance/desks',
    'lane/2',
    'aisle/2',
    'desk/2',
  ]);
});

test('[OFV3] who joins late, or asks in another order, sees the same', () => {
  const stays: Stay[] = [
    ...toDesk,
    { sinceMs: 61_700, stop: 'meeting/2' },
    { sinceMs: 63_000, stop: 'door/1/2' },
  ];
  const instants = Array.from({ length: 200 }, (_, index) => 60_000 + index * 41);
  const watched = instants.map((atMs) => whereaboutsAt(plan, stays, atMs));
  const asked = instants.toReversed().map((atMs) => whereaboutsAt(plan, [...stays], atMs));
  expect(asked.toReversed()).toEqual(watched);
  expect(
    instants.map((atMs) =>
      whereaboutsAt(plan, [{ sinceMs: -1e9, stop: 'lounge/2' }, ...stays.slice(1)], atMs),
    ),
  ).toEqual(watched);
});

test('[OFV4] who is called elsewhere on the way turns where they are', () => {
  const turned: Stay[] = [...toDesk, { sinceMs: 60_600, stop: 'lounge/2' }];
  const [before, after] = [60_599, 60_601].map((atMs) => drawnAt(plan, whereaboutsAt(plan, turned, atMs)));
  expect(Math.hypot((before?.x ?? 0) - (after?.x ?? 0), (before?.y ?? 0) - (after?.y ?? 0))).toBeLessThan(1);
  expect(whereaboutsAt(plan, turned, 60_601).to).toBe('lounge/2');
  expect(isWalking(whereaboutsAt(plan, turned, 61_201))).toBe(false);
});

test('[OFV5] a tall plan draws the same stages of the same walk', () => {
  for (let atMs = 60_000; atMs < 72_000; atMs += 500) {
    const here = whereaboutsAt(plan, toDesk, atMs);
    const [start, end, point] = [pointOf(tall, here.from), pointOf(tall, here.to), drawnAt(tall, here)];
    const whole = Math.hypot(end.x - start.x, end.y - start.y);
    expect(Math.hypot(point.x - start.x, point.y - start.y)).toBeCloseTo(here.along * whole);
  }
});

describe('[OFV6] everyone has a place of their own, inside the room it is in:', () => {
  test.each([
    ['wide', 1],
    ['wide', 9],
    ['wide', 40],
    ['tall', 5],
    ['tall', 24],
  ] as const)('%s, %i agents', (shape, agents) => {
    const of = floorPlanOf(shape, { agents, offices: 6 });
    const stops = stopsToStay(of);
    const points = stops.map((stop) => pointOf(of, stop));
    expect(new Set(points.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`)).size).toBe(stops.length);
    for (const { x, y } of points) {
      expect(x).toBeGreaterThan(8);
      expect(y).toBeGreaterThan(8);
      expect(x).toBeLessThan(of.width - 8);
      expect(y).toBeLessThan(of.height - 8);
    }
  });
});
