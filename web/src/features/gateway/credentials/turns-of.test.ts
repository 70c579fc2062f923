import { expect, test } from 'vitest';
import { turnsOf } from './turns-of.ts';

const credential = (id: string, priority = 0, weight = 1, rest = {}) => ({
  id,
  provider: 'openai',
  is_active: true,
  priority,
  weight,
  ...rest,
});

test('[TURN1] the highest priority is asked first, and a rank is not skipped', () => {
  const turns = turnsOf([credential('low', -3), credential('high', 20), credential('middle', 5)]);
  expect([turns.get('high'), turns.get('middle'), turns.get('low')]).toEqual([
    { rank: 1, share: 1 },
    { rank: 2, share: 1 },
    { rank: 3, share: 1 },
  ]);
});

test('[TURN2] equals share their rank by weight, and what comes after them is next', () => {
  const turns = turnsOf([credential('a', 10, 3), credential('b', 10, 1), credential('c', 0, 7)]);
  expect([turns.get('a'), turns.get('b'), turns.get('c')]).toEqual([
    { rank: 1, share: 0.75 },
    { rank: 1, share: 0.25 },
    { rank: 2, share: 1 },
  ]);
});

test('[TURN3] other providers do not matter, and what is disabled is not asked', () => {
  const turns = turnsOf([
    credential('a'),
    credential('b', 9, 1, { is_active: false }),
    credential('c', 9, 1, { provider: 'moonshot' }),
  ]);
  expect(turns.get('a')).toEqual({ rank: 1, share: 1 });
  expect(turns.has('b')).toBe(false);
});
