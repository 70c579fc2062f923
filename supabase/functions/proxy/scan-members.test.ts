import { expect, test } from 'vitest';
import { scanMembers } from './scan-members.ts';
import { createRandom, randomJson, randomObject, randomString } from './testing/random.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test('finds every member of 3,000 random objects where it stands, whatever the spaces, escapes and numbers', () => {
  for (let seed = 0; seed < 3000; seed++) {
    const random = createRandom(seed);
    const members = Array.from(
      { length: random.below(6) },
      () => [randomString(random), randomJson(random)] as const,
    );
    const bytes = encode(` ${randomObject(random, members)}\n`);
    const found = scanMembers(bytes);
    expect(
      found?.map(({ key, start, end }) => [key, decode(bytes.subarray(start, end))]),
      `seed ${seed}`,
    ).toEqual(members.map(([key, value]) => [JSON.parse(key), value]));
  }
});

test('agrees with JSON.parse on what random objects, cut short anywhere, are worth', () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = createRandom(seed);
    const bytes = encode(randomObject(random, [[randomString(random), randomJson(random)]]));
    for (let length = 0; length < bytes.length; length++) {
      expect(scanMembers(bytes.subarray(0, length)), `seed ${seed}, ${length} bytes`).toBeNull();
    }
  }
});

test.each([
  ['', 'nothing'],
  ['[1]', 'an array'],
  ['"a"', 'a string'],
  ['{"a":1} x', 'something behind it'],
  ['{"a":1}{"b":2}', 'two objects'],
  ['{"a" 1}', 'no colon'],
  ['{"a":}', 'no value'],
  ['{"a":1,}', 'a comma too many'],
  ['{"a":1 "b":2}', 'a comma too few'],
  ['{a:1}', 'a bare key'],
  ['{"a":"\\"}', 'an escaped last quote'],
])('refuses %s (%s)', (text) => {
  expect(scanMembers(encode(text))).toBeNull();
});

test('follows a thousand levels, and no more', () => {
  const nested = (depth: number) => encode(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`);
  expect(scanMembers(nested(1000))).toHaveLength(1);
  expect(scanMembers(nested(1001))).toBeNull();
});

test('reads a nested object from where it begins, and lets the rest be', () => {
  const text = '{"a":{"b":[1,{"c":"}"}],"d":null},"e":2}';
  const members = scanMembers(encode(text), text.indexOf('{"b"'));
  expect(members?.map(({ key }) => key)).toEqual(['b', 'd']);
});

test('names equal keys equally, however they are escaped', () => {
  expect(scanMembers(encode('{"model":1,"m\\u006fdel":2}'))?.map(({ key }) => key)).toEqual([
    'model',
    'model',
  ]);
});
