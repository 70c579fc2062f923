import { expect, test } from 'vitest';
import { packLines, unpackLines } from './pack-lines.ts';

test('lines come back as they were, smaller meanwhile', async () => {
  const lines = Array.from({ length: 500 }, (_, index) => JSON.stringify({ index, text: 'ä“😀' })).join('\n');
  const { bytes, sha256 } = await packLines(lines);
  expect(bytes.byteLength).toBeLessThan(lines.length / 5);
  expect(await unpackLines(new Blob([bytes]), sha256)).toBe(lines);
});

test('one wrong byte is found', async () => {
  const { bytes, sha256 } = await packLines('{"a": 1}');
  new Uint8Array(bytes).set([1, 2, 3, 4], bytes.byteLength - 4);
  await expect(unpackLines(new Blob([bytes]), sha256)).rejects.toThrow('not what was written');
});
