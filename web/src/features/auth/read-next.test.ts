import { expect, test } from 'vitest';
import { readNext } from './read-next.ts';

test.each([
  ['/acme/usage?model=gpt-5', '/acme/usage?model=gpt-5'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['', '/'],
])('after signing in, next=%s leads to %s', (next, expected) => {
  expect(readNext(new URLSearchParams({ next }))).toBe(expected);
});
