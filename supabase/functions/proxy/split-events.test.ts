import { expect, test } from 'vitest';
import type { Bytes } from './call.ts';
import { splitEvents } from './split-events.ts';
import { createRandom, randomCuts } from './testing/random.ts';
import { anthropicStream, openaiBeginning, openaiStream, openaiUsageChunk } from './testing/recordings.ts';

const encode = (text: string): Bytes => new TextEncoder().encode(text);

/** What goes on, in one piece, and the data of the events that were heard. */
function run(pieces: readonly Uint8Array[], isKept: (data: string | null) => boolean = () => true) {
  const heard: (string | null)[] = [];
  const events = splitEvents((data) => {
    heard.push(data);
    return isKept(data);
  });
  const passed = [...pieces.map((piece) => events.push(Uint8Array.from(piece))), events.flush()];
  return { text: Buffer.concat(passed).toString(), heard, passed };
}

const lineEnds = [
  ['LF', '\n'],
  ['CRLF', '\r\n'],
  ['CR', '\r'],
] as const;

const isUsage = (data: string | null) => data?.includes('"choices":[],') === true;

test.each(lineEnds)(
  '%s: cut in two at every byte, a stream passes exactly, event by event',
  (_name, lineEnd) => {
    const text = 'data: {"a":"Hé世🎉"}\n\n: ping\n\nevent: x\ndata: 1\ndata: 2\n\ndata:[DONE]\n\n'.replaceAll(
      '\n',
      lineEnd,
    );
    const bytes = encode(text);
    for (let at = 0; at <= bytes.length; at++) {
      const { text: passed, heard } = run([bytes.subarray(0, at), bytes.subarray(at)]);
      expect(passed, `cut at ${at}`).toBe(text);
      expect(heard, `cut at ${at}`).toEqual(['{"a":"Hé世🎉"}', null, '1\n2', '[DONE]']);
    }
  },
);

test.each(lineEnds)(
  '%s: byte by byte, an event that is not kept goes with its blank line',
  (_name, lineEnd) => {
    const bytes = encode(openaiStream.replaceAll('\n', lineEnd));
    const { text } = run(
      Array.from(bytes, (byte) => Uint8Array.of(byte)),
      (data) => !isUsage(data),
    );
    expect(text).toBe(openaiStream.replace(openaiUsageChunk, '').replaceAll('\n', lineEnd));
  },
);

test.each(lineEnds)('%s: cut in two at every byte, only the usage chunk is missing', (_name, lineEnd) => {
  const bytes = encode(openaiStream.replaceAll('\n', lineEnd));
  const expected = openaiStream.replace(openaiUsageChunk, '').replaceAll('\n', lineEnd);
  for (let at = 0; at <= bytes.length; at++) {
    const { text } = run([bytes.subarray(0, at), bytes.subarray(at)], (data) => !isUsage(data));
    expect(text, `cut at ${at}`).toBe(expected);
  }
});

test('large streams in 300 random ways of cutting pass exactly', () => {
  const text = (openaiBeginning + anthropicStream).repeat(3);
  const mixed = text.replace('data: ', 'data: \u{1F600}');
  const bytes = encode(mixed);
  for (let seed = 0; seed < 300; seed++) {
    const random = createRandom(seed);
    const maxSize = random.pick([2, 17, 400, 5000]);
    const { text: passed, heard } = run(randomCuts(random, bytes, maxSize));
    expect(passed === mixed, `seed ${seed}`).toBe(true);
    expect(heard.length, `seed ${seed}`).toBe(mixed.split('\n\n').length - 1);
  }
});

test('holds back only an event that is not complete', () => {
  const events = splitEvents(() => true);
  const push = (text: string) => Buffer.from(events.push(encode(text))).toString();
  expect(push('data: 1\n\ndata: 2')).toBe('data: 1\n\n');
  expect(push('\n')).toBe('');
  expect(push('\n')).toBe('data: 2\n\n');
  expect(push('data: 3\r\n\r')).toBe('data: 3\r\n\r');
  expect(push('\ndata: 4')).toBe('\n');
  expect(Buffer.from(events.flush()).toString()).toBe('data: 4');
});

test('the line feed of a CRLF that was cut belongs to the event that was taken out', () => {
  const { text } = run(
    [encode('data: usage\r\n\r'), encode('\ndata: next\r\n\r\n')],
    (data) => data !== 'usage',
  );
  expect(text).toBe('data: next\r\n\r\n');
});

test('an event without its blank line at the end of the stream is heard, and may be taken out', () => {
  expect(run([encode('data: 1\n\ndata: usage')], (data) => data !== 'usage').text).toBe('data: 1\n\n');
});

test('an event beyond eight megabytes passes unread, and the next one is read again', () => {
  const long = `data: ${'x'.repeat(9 * 1024 * 1024)}\r\n\r\n`;
  const bytes = encode(`${long}data: 2\r\n\r\n`);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 65_521) pieces.push(bytes.subarray(at, at + 65_521));
  const { text, heard } = run(pieces, () => false);
  expect(text === long).toBe(true);
  expect(heard).toEqual(['2']);
});
