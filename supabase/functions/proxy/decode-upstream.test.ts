import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decodeUpstream } from './decode-upstream.ts';

test('an answer that came compressed is decompressed, and no longer says that it is', async () => {
  const headers = { 'content-encoding': 'gzip', 'content-type': 'application/json' };
  const decoded = decodeUpstream(new Response(gzipSync('{"a":1.0}'), { status: 429, headers }));
  expect(await decoded.text()).toBe('{"a":1.0}');
  expect(decoded.status).toBe(429);
  expect(Object.fromEntries(decoded.headers)).toEqual({ 'content-type': 'application/json' });
});

test('what needs no decoding, or cannot be decoded, stays as it is', () => {
  const plain = new Response('x', { headers: { 'content-encoding': 'identity' } });
  const other = new Response(zstdCompressSync('x'), { headers: { 'content-encoding': 'zstd' } });
  const empty = new Response(null, { status: 204, headers: { 'content-encoding': 'gzip' } });
  for (const response of [plain, other, empty]) expect(decodeUpstream(response)).toBe(response);
});
