import { expect, test } from 'vitest';
import { readText } from './read-text.ts';

const megabyte = 1024 * 1024;

/** Comes in these pieces, without a word about its length; `ends` false: it breaks off instead. */
function chunked(pieces: readonly Uint8Array[], ends = true): { request: Request; asked: () => number } {
  const left = [...pieces];
  const body = new ReadableStream({
    pull(controller) {
      const piece = left.shift();
      if (piece !== undefined) controller.enqueue(piece);
      else if (ends) controller.close();
      else controller.error(new Error('gone'));
    },
  });
  const init = { method: 'POST', body, duplex: 'half' };
  return { request: new Request('http://function/', init), asked: () => pieces.length - left.length };
}

test('a body is read whole, also where a character is cut in two', async () => {
  const bytes = new TextEncoder().encode('naïve ☂');
  const pieces = [...bytes].map((byte) => new Uint8Array([byte]));
  expect(await readText(chunked(pieces).request, 1)).toBe('naïve ☂');
  expect(await readText(new Request('http://function/', { method: 'POST' }), 1)).toBe('');
});

test('what is longer than its limit is refused, whether it says so or not', async () => {
  const tooLarge = expect.objectContaining({ code: 'body_too_large', status: 413, details: { limit_mb: 1 } });
  const exact = chunked([new Uint8Array(megabyte).fill(0x20)]);
  expect(await readText(exact.request, 1)).toHaveLength(megabyte);
  const more = chunked([new Uint8Array(megabyte), new Uint8Array(1)]);
  await expect(readText(more.request, 1)).rejects.toEqual(tooLarge);
  const declared = new Request('http://function/', {
    method: 'POST',
    body: 'short',
    headers: { 'content-length': String(megabyte + 1) },
  });
  await expect(readText(declared, 1)).rejects.toEqual(tooLarge);
});

test('an endless body is left after a bound', async () => {
  const endless = chunked(Array.from({ length: 1000 }, () => new Uint8Array(megabyte)));
  await expect(readText(endless.request, 1)).rejects.toMatchObject({ code: 'body_too_large' });
  expect(endless.asked()).toBeLessThan(100);
});

test('one that breaks off is incomplete', async () => {
  const broken = chunked([new Uint8Array(10)], false);
  await expect(readText(broken.request, 1)).rejects.toMatchObject({ code: 'body_incomplete', status: 400 });
});
