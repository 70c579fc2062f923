import { expect, test } from 'vitest';
import { pointAt } from './point-at.ts';

test('[PNT1] a position is a line and a character in it', () => {
  expect(pointAt('select 1', 8)).toEqual({ line: 1, character: 8, text: 'select 1' });
  expect(pointAt('select a,\n  foo\nfrom usage', 13)).toEqual({ line: 2, character: 3, text: '  foo' });
});

test('[PNT2] characters beyond the basic plane count once, as Postgres counts them', () => {
  expect(pointAt("select '🙂',\nfoo", 13)).toEqual({ line: 2, character: 1, text: 'foo' });
});
