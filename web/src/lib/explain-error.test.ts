import { expect, test } from 'vitest';
import { RequestError } from './errors.ts';
import { explainError } from './explain-error.ts';

const titleOf = (code: string, status: number, details = {}): string =>
  explainError(new RequestError({ code, status, message: code, details })).title;

test('a plan limit names the plan, the limit and what is limited', () => {
  const details = { plan: 'free', limit: 2, used: 2, resource: 'members' };
  expect(titleOf('plan_limit_exceeded', 402, details)).toBe(
    'The Free plan has room for 2 members, open invitations counted in.',
  );
  expect(titleOf('plan_limit_exceeded', 402, { ...details, limit: 1, resource: 'boards' })).toBe(
    'The Free plan has room for 1 board.',
  );
});

test.each([
  ['role_required', 403, { role: 'owner' }, 'Only an owner can do this.'],
  ['role_required', 403, { role: 'admin' }, 'Only an owner or admin can do this.'],
  ['23505', 409, { constraint: 'organizations_slug_unique' }, 'This address is taken.'],
  ['23505', 409, { constraint: 'something_else' }, 'This exists already.'],
  ['a_code_of_tomorrow', 429, {}, 'That was too often.'],
  ['a_code_of_tomorrow', 503, {}, 'The server could not do this.'],
  ['unreachable', 0, {}, 'The server could not be reached.'],
])('%s with status %i and %j', (code, status, details, title) => {
  expect(titleOf(code, status, details)).toBe(title);
});

test('a sentence of the server is shown as it is, unless the server itself failed', () => {
  const facts = { code: 'a_code_of_tomorrow', message: 'Mondays are closed.', isForPeople: true };
  expect(explainError(new RequestError({ ...facts, status: 400 })).title).toBe('Mondays are closed.');
  expect(explainError(new RequestError({ ...facts, status: 500 })).title).toBe(
    'The server could not do this.',
  );
});

test('a page whose script did not arrive is no bug', () => {
  const error = new TypeError('Failed to fetch dynamically imported module: http://hq.test/assets/x.js');
  expect(explainError(error).title).toBe('This page could not be loaded.');
});

test('a bug in the page does not show its message to people', () => {
  expect(explainError(new TypeError('x is undefined')).title).not.toContain('undefined');
});
