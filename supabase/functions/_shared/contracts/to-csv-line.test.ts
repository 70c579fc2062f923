import { expect, test } from 'vitest';
import { toCsvLine } from './to-csv-line.ts';

test('cells are quoted where they must be, and lines end as RFC 4180 says', () => {
  expect(toCsvLine(['a', 'b,c', 'say "hi"', 'two\nlines', null, 12, true])).toBe(
    'a,"b,c","say ""hi""","two\nlines",,12,true\r\n',
  );
});

test.each(['=1+1', '+1 555', '-cmd', '@sum', '\tx', '\rx'])('%j does not run in a spreadsheet', (text) => {
  expect(toCsvLine([text])).toMatch(/^"?'/);
});

test('negative numbers stay numbers', () => {
  expect(toCsvLine(['-0.5', -3])).toBe('-0.5,-3\r\n');
});
