import { expect, test } from 'vitest';
import { countSteps, stepOf } from './step-of.ts';

const nothing = {
  hasCredential: false,
  isSandbox: false,
  provider: undefined,
  project: undefined,
  hasKey: false,
  hasCall: false,
};
const project = { id: 'p', name: 'Support chat' };

test.each([
  [{}, 'provider', 0],
  [{ hasCredential: true }, 'project', 1],
  [{ hasCredential: true, project }, 'key', 2],
  [{ hasCredential: true, project, hasKey: true }, 'call', 3],
  // The key was revoked, or the credential disabled, after calls were made.
  [{ hasCredential: true, project, hasCall: true }, 'key', 3],
  [{ project, hasKey: true, hasCall: true }, 'provider', 3],
])('with %j one resumes at the step "%s", %i being done', (facts, step, done) => {
  const progress = { ...nothing, ...facts };
  expect(stepOf(progress)).toBe(step);
  expect(countSteps(progress)).toEqual({ done, all: 4 });
});
