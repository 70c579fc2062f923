import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { travelAt, type Vector } from '../life/travel.ts';
import { floorPlanOf, roomAt, roomOf } from '../plan/floor-plan.ts';
import { OwnWalk } from './own-walk.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const plan = floorPlanOf('wide', { agents: 4, offices: 4 });
const inOffice = (() => {
  const { rect } = roomOf(plan, 'office/0');
  return { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 };
})();

function makeWalk() {
  const sent: (Vector & { saidAt: number })[] = [];
  const walk = new OwnWalk(inOffice, {
    plan,
    now: () => Date.now(),
    show: () => undefined,
    send: (vector) => void sent.push({ ...vector, saidAt: Date.now() }),
  });
  return { walk, sent };
}

test('[OFV25] however keys are pressed, the others are told five times a second at most, and of the last state always', () => {
  const { walk, sent } = makeWalk();
  for (let press = 0; press < 50; press += 1) {
    walk.head(press % 2 === 0 ? { x: 1, y: 0 } : { x: 0, y: 1 });
    vi.advanceTimersByTime(20);
  }
  walk.head({ x: 0, y: 0 });
  vi.advanceTimersByTime(1_000);
  expect(sent.length).toBeLessThanOrEqual(7);
  expect(sent.slice(1).every(({ saidAt }, index) => saidAt - (sent[index]?.saidAt ?? 0) >= 200)).toBe(true);
  expect(sent.at(-1)).toMatchObject({ vx: 0, vy: 0, x: walk.here.x, y: walk.here.y });
});

test('[OFV26] a click far away leads through the doors, told at each turn', () => {
  const { walk, sent } = makeWalk();
  const { rect } = roomOf(plan, 'lounge');
  const target = { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 };
  walk.goTo(target);
  const rooms = new Set<string>();
  for (let step = 0; step < 200; step += 1) {
    vi.advanceTimersByTime(50);
    rooms.add(roomAt(plan, walk.here)?.id ?? 'a wall');
  }
  expect(walk.here.x).toBeCloseTo(target.x, -1);
  expect(walk.here.y).toBeCloseTo(target.y, -1);
  expect([...rooms]).toEqual(['office/0', 'hall', 'lounge']);
  expect(sent.at(-1)).toMatchObject({ vx: 0, vy: 0 });
  // Turns, and a word a second between them.
  expect(sent.length).toBeLessThan(14);
});

test('[OFV27] who hears only some of it sees the figure where it is', () => {
  const { walk, sent } = makeWalk();
  walk.head({ x: 0, y: 1 });
  vi.advanceTimersByTime(1_500);
  const heard = sent.at(-1);
  const seen = heard && travelAt(plan, heard, Date.now());
  expect(seen?.y).toBeCloseTo(walk.here.y, 0);
});
