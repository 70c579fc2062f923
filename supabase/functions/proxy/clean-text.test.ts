import { expect, test } from 'vitest';
import { cleanText, isStorable } from './clean-text.ts';

test.each([
  ['plain', 'plain'],
  ['  spaced\n', 'spaced'],
  ['a\u0000b\u001fc\u007f', 'abc'],
  ['\ud800lone', '\ufffdlone'],
  ['🎉🎉🎉🎉🎉🎉', '🎉🎉🎉🎉🎉'],
  ['a🎉🎉🎉🎉🎉', 'a🎉🎉🎉🎉\ufffd'],
  [7, '7'],
  ['', null],
  [' \u0000 ', null],
  [null, null],
  [{}, null],
])('%j becomes %j', (value, text) => {
  expect(cleanText(value, 10)).toBe(text);
});

test('usage is stored verbatim unless jsonb would refuse it', () => {
  expect(isStorable({ input_tokens: 1, note: 'é🎉' })).toBe(true);
  expect(isStorable(null)).toBe(true);
  expect(isStorable({ note: 'a\u0000' })).toBe(false);
  expect(isStorable({ note: '\udfff' })).toBe(false);
  expect(isStorable({ note: 'x'.repeat(20_000) })).toBe(false);
  expect(isStorable(JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)))).toBe(false);
});
