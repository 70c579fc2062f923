import { expect, test } from 'vitest';
import { parseExact } from './exact-json.ts';

test('what a double holds is a number, and anything longer is written as it was read', () => {
  const text =
    '{"id":12345678901234567890,"pi":3.14159265358979323846,"e":-1.234567890123456789e-7,"n":1.5,"big":1e400,"s":"12345678901234567890"}';
  expect(JSON.stringify(parseExact(text))).toBe(text);
  const numbers = { temperature: 0.7, max_tokens: 4096, top_p: 1.2000000000000002 };
  expect(parseExact(JSON.stringify(numbers))).toEqual(numbers);
  expect(() => parseExact('{"a":')).toThrow(SyntaxError);
});
