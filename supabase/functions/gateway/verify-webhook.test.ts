import { expect, test } from 'vitest';
import { signWebhook, verifyWebhook } from './verify-webhook.ts';

const secret = `whsec_${Buffer.from('a secret of some length').toString('base64')}`;
const now = new Date('2026-11-26T12:00:00Z');
const message = { id: 'evt_1', timestamp: String(now.getTime() / 1000), body: '{"charges":[]}' };
const signed = { ...message, signatures: signWebhook(secret, message) };

test('[WHK1] a signature of the Standard Webhooks kind holds, also beside an older one', () => {
  // By the example of the specification: HMAC-SHA-256 over "id.timestamp.body", in base64.
  expect(signed.signatures).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
  expect(verifyWebhook(secret, signed, now)).toBe(true);
  expect(verifyWebhook(secret, { ...signed, signatures: `v1,AAAA ${signed.signatures}` }, now)).toBe(true);
});

test.each([
  ['body', { body: '{}' }],
  ['id', { id: 'evt_2' }],
  ['missing id', { id: '' }],
  ['timestamp', { timestamp: String(now.getTime() / 1000 + 1) }],
  ['timestamp that is none', { timestamp: 'now' }],
  ['version', { signatures: signed.signatures.replace('v1', 'v2') }],
  ['signature', { signatures: '' }],
])('[WHK2] another %s does not', (_, change) => {
  expect(verifyWebhook(secret, { ...signed, ...change }, now)).toBe(false);
});

test('[WHK3] five minutes are all that a clock may differ', () => {
  const at = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
  expect([-301, -300, 300, 301].map((seconds) => verifyWebhook(secret, signed, at(seconds)))).toEqual([
    false,
    true,
    true,
    false,
  ]);
});
