import { expect, test } from 'vitest';
import { openAnswer, sealAnswer } from './seal-answer.ts';

const key = (byte: number) => new Uint8Array(32).fill(byte);
const asked = { digest: 'a'.repeat(64), key: key(1) };
const refused = { name: 'OperationError' };
const parts = ['{"content":', '"Grüße 🙂"}'].map((text) => new TextEncoder().encode(text));

test('[SEAL1] what the same call sealed it opens, byte for byte, and nobody reads it before', async () => {
  const sealed = await sealAnswer(asked, parts);
  expect(Buffer.from(sealed, 'base64').toString('latin1')).not.toContain('content');
  expect(new TextDecoder().decode(await openAnswer(asked, sealed))).toBe('{"content":"Grüße 🙂"}');
  expect(await sealAnswer(asked, parts)).not.toBe(sealed);
});

test.each([
  ['another key', { ...asked, key: key(2) }],
  ['another place', { ...asked, digest: 'b'.repeat(64) }],
])('[SEAL2] it does not open with %s', async (_, other) => {
  const sealed = await sealAnswer(asked, parts);
  await expect(openAnswer(other, sealed)).rejects.toMatchObject(refused);
});

test('[SEAL3] what was altered does not open', async () => {
  const bytes = Buffer.from(await sealAnswer(asked, parts), 'base64');
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  await expect(openAnswer(asked, bytes.toString('base64'))).rejects.toMatchObject(refused);
});
