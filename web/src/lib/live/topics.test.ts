import { expect, test } from 'vitest';
import { keyOfTopic, nameOfTopic, organizationOfTopic, type Topic } from './topics.ts';

const person: Topic = { of: 'person', userId: 'u1' };
const costs: Topic = { of: 'organization', organizationId: 'o1', stream: 'costs' };
const board: Topic = { of: 'board', organizationId: 'o1', boardId: 'b1' };

test('[LIV1] topics have the names that the policies know; a person’s own bears no epoch', () => {
  expect(nameOfTopic(person, 7)).toBe('user:u1');
  expect(nameOfTopic(costs, 7)).toBe('org:o1:costs:7');
  expect(nameOfTopic(board, 7)).toBe('board:b1:7');
});

test('[LIV2] one topic has one key, whatever its epoch', () => {
  expect(new Set([person, costs, board, { ...costs, stream: 'office' as const }].map(keyOfTopic)).size).toBe(
    4,
  );
  expect([person, costs, board].map(organizationOfTopic)).toEqual([null, 'o1', 'o1']);
});
