import { expect, test } from 'vitest';
import { readCall } from './read-call.ts';
import { spliceBytes } from './splice-bytes.ts';
import { spliceCall } from './splice-call.ts';
import { createRandom, randomJson, randomObject, type Random } from './testing/random.ts';

const arrival = {
  id: 'id',
  startedAt: 0,
  query: '',
  route: { dialect: 'openai', operation: 'chat.completions' },
} as const;

/** Options as the client wrote them, and as upstream gets them. */
const streamOptions: [[string | null, string], ...[string | null, string][]] = [
  [null, '"stream_options":{"include_usage":true}'],
  ['{  \t}', '{"include_usage":true  \t}'],
  ['{"include_usage":false}', '{"include_usage":true}'],
  ['{ "include_usage" : null, "x":1.0}', '{ "include_usage" : true, "x":1.0}'],
  ['{"x":1.0}', '{"include_usage":true,"x":1.0}'],
];

function toUpstream(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const { call, members } = readCall(arrival, new Headers(), bytes);
  const model = call.model.startsWith('openai/') ? call.model.slice('openai/'.length) : null;
  const asksUsage = call.stream && !call.decidesUsage;
  return new TextDecoder().decode(spliceBytes(bytes, spliceCall(bytes, members, { model, asksUsage })));
}

function shuffle<Value>(random: Random, values: Value[]): Value[] {
  return values
    .map((value) => ({ value, order: random.below(1_000_000) }))
    .sort((a, b) => a.order - b.order)
    .map(({ value }) => value);
}

test('1,000 random bodies reach upstream as they are, but for the bare model name and the usage option', () => {
  for (let seed = 0; seed < 1000; seed++) {
    const random = createRandom(seed);
    const [options, asking] = random.pick(streamOptions);
    const others = Array.from(
      { length: random.below(4) },
      (_, i) => [`"other${i}"`, randomJson(random)] as const,
    );
    const members = shuffle<readonly [string, string]>(random, [
      ['"model"', '"openai/gpt-4o"'],
      ['"stream"', 'true'],
      ['"seed"', '12345678901234567890'],
      ...others,
      ...(options === null ? [] : [['"stream_options"', options] as const]),
    ]);
    const text = randomObject(random, members);
    const sent = toUpstream(text);

    const asked = options === null ? text.replace('{', `{${asking},`) : text.replace(options, asking);
    expect(sent, `seed ${seed}`).toBe(asked.replace('"openai/gpt-4o"', '"gpt-4o"'));
    const expected = { ...JSON.parse(text), model: 'gpt-4o' };
    expected.stream_options = { ...JSON.parse(options ?? '{}'), include_usage: true };
    expect(JSON.parse(sent), `seed ${seed}`).toEqual(expected);
  }
});

test('a body that needs no edit is the very same bytes', () => {
  const bytes = new TextEncoder().encode('{"model":"gpt-4o","a":1.0}');
  const { members } = readCall(arrival, new Headers(), bytes);
  expect(spliceBytes(bytes, spliceCall(bytes, members, { model: null, asksUsage: false }))).toBe(bytes);
});

test.each([
  ['{"model":"m","stream":true}', '{"stream_options":{"include_usage":true},"model":"m","stream":true}'],
  [' {"model":"m","stream":true}', ' {"stream_options":{"include_usage":true},"model":"m","stream":true}'],
  [
    '{"model":"m","stream":true,"stream_options":{ }}',
    '{"model":"m","stream":true,"stream_options":{"include_usage":true }}',
  ],
  [
    '{"model":"m","stream":true,"stream_options":{"a":1}}',
    '{"model":"m","stream":true,"stream_options":{"include_usage":true,"a":1}}',
  ],
  [
    '{"model":"m","stream":true,"stream_options":null}',
    '{"model":"m","stream":true,"stream_options":{"include_usage":true}}',
  ],
  [
    '{"model":"m","stream":true,"stream_options":{"include_usage":false}}',
    '{"model":"m","stream":true,"stream_options":{"include_usage":true}}',
  ],
])('%s asks for usage', (text, sent) => {
  expect(toUpstream(text)).toBe(sent);
});

test.each([
  '{"model":"m","stream":true,"stream_options":{"include_usage":true}}',
  '{"model":"m","stream":true,"stream_options":{"include_usage":"yes"}}',
  '{"model":"m","stream":true,"stream_options":"all"}',
  '{"model":"m","stream":false}',
  '{"model":"m","stream":"true"}',
  '{"model":"m"}',
])('%s stays as it is', (text) => {
  expect(toUpstream(text)).toBe(text);
});

test.each([
  ['{"model":"m","model":"n"}', 'duplicate_member'],
  ['{"model":"m","m\\u006fdel":"n"}', 'duplicate_member'],
  [
    '{"model":"m","stream":true,"stream_options":{"include_usage":false,"include_usage":true,"include_usage":false}}',
    'duplicate_member',
  ],
  ['{"model":"m",}', 'invalid_json'],
  ['', 'invalid_json'],
  ['\ufeff{"model":"m"}', 'invalid_json'],
  ['[]', 'invalid_request'],
  ['{"messages":[]}', 'invalid_request'],
  ['{"model":7}', 'invalid_request'],
  ['{"model":""}', 'invalid_request'],
  ['{"model":"a\\u0000b"}', 'invalid_request'],
])('%s is refused as %s', (text, code) => {
  expect(() => toUpstream(text)).toThrowError(expect.objectContaining({ code }));
});

test.each([1001, 200_000])('a body of %i levels is refused before anything is made of it', (depth) => {
  const nested = `{"model":"m","x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  expect(() => toUpstream(nested)).toThrowError(expect.objectContaining({ status: 400 }));
});

test('members that nobody reads may stand there twice', () => {
  expect(toUpstream('{"model":"m","x":1,"x":2}')).toBe('{"model":"m","x":1,"x":2}');
});

test('bytes that are no UTF-8 are refused', () => {
  const bytes = Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
  expect(() => readCall(arrival, new Headers(), bytes)).toThrowError(
    expect.objectContaining({ code: 'invalid_json' }),
  );
});
