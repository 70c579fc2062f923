import { expect, test } from 'vitest';
import { createSecretBox, EncryptionKeys } from './secret-box.ts';

const key = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const unreadable = { name: 'OperationError' };
const owner = { organizationId: 'o-1', credentialId: 'c-1' };
const box = createSecretBox(EncryptionKeys.parse(JSON.stringify({ old: key(1), new: key(2) })));

test('what is sealed opens again, in the stored form, with every key that is still configured', async () => {
  for (const keyId of ['old', 'new']) {
    const sealed = await box.seal(keyId, 'sk-🔑-secret', owner);
    expect(sealed).toMatch(new RegExp(`^v1:${keyId}:[A-Za-z0-9+/]{16}:[A-Za-z0-9+/=]+$`));
    expect(sealed).not.toContain('secret');
    expect(await box.open(sealed, owner)).toBe('sk-🔑-secret');
  }
});

test('the same secret never looks the same twice', async () => {
  expect(await box.seal('new', 's', owner)).not.toBe(await box.seal('new', 's', owner));
});

test('it opens for no other organization, credential or key, and not when altered', async () => {
  const sealed = await box.seal('new', 'sk-secret', owner);
  await expect(box.open(sealed, { ...owner, organizationId: 'o-2' })).rejects.toMatchObject(unreadable);
  await expect(box.open(sealed, { ...owner, credentialId: 'c-2' })).rejects.toMatchObject(unreadable);
  await expect(box.open(sealed.replace('v1:new', 'v1:old'), owner)).rejects.toMatchObject(unreadable);
  await expect(box.open(`${sealed.slice(0, -6)}AAAAA=`, owner)).rejects.toMatchObject(unreadable);
  await expect(box.open(sealed.replace('v1:new', 'v1:gone'), owner)).rejects.toThrow('"gone"');
  await expect(box.open('v2:new:a:b', owner)).rejects.toThrow('version 1');
  await expect(box.open('', owner)).rejects.toThrow('version 1');
});

test.each([
  '',
  'no json',
  '{}',
  '[]',
  '{"a":"c2hvcnQ="}',
  '{"a":7}',
  `{"a b":"${key(1)}"}`,
  `{"a":"${key(1)}","b":"x"}`,
])('keys that cannot work are refused at start: %s', (text) => {
  expect(EncryptionKeys.safeParse(text).success).toBe(false);
});
