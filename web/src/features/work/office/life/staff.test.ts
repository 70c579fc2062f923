import { expect, test } from 'vitest';
import { staffOf } from './staff.ts';

const people = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    user_id: `p${index}`,
    name: `Person ${index}`,
    role: 'member',
  }));

test('[OFV23] each of six has an office; of more, the last one is everyone else’s', () => {
  const six = staffOf({ agents: [], people: people(6) });
  expect(six.people.map(({ office }) => office)).toEqual([0, 1, 2, 3, 4, 5]);
  const nine = staffOf({ agents: [], people: people(9) });
  expect(nine.people.map(({ office, chair }) => `${office}/${chair}`)).toEqual([
    '0/0',
    '1/0',
    '2/0',
    '3/0',
    '4/0',
    '5/0',
    '5/1',
    '5/2',
    '5/3',
  ]);
  expect(nine.plates).toEqual([...people(5).map(({ name }) => name), 'Everyone else']);
  expect(nine.headcount.offices).toBe(6);
});

test('[OFV24] who waits for somebody that has left waits at the first door', () => {
  const { doorOf } = staffOf({ agents: [], people: people(3) });
  expect([doorOf('p2'), doorOf('gone'), doorOf(null)]).toEqual([2, 0, 0]);
});
