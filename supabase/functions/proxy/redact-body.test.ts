import { expect, test } from 'vitest';
import { redactBody, redactText } from './redact-body.ts';

test.each([
  ['Write to ann.lee+news@mail.example.co.uk today', 'Write to [email] today'],
  ['élodie@exämple.fr', '[email]'],
  ['Call +49 30 901820 or (555) 123-4567', 'Call [phone] or [phone]'],
  ['0171 1234567, 555-123-4567', '[phone], [phone]'],
  // Models like to write hyphens and spaces at which no line breaks.
  ['+49\u00a0171\u202f1234567, 555\u2011123\u20114567', '[phone], [phone]'],
  ['Card 4111 1111 1111 1111, 5500-0000-0000-0004', 'Card [card], [card]'],
  ['amex 378282246310005.', 'amex [card].'],
  ['key sk-ant-api03-abcDEF_123456789 in the config', 'key [key] in the config'],
  [`khq_0123456789abcdef_${'0a'.repeat(32)}`, '[key]'],
  ['AKIAIOSFODNN7EXAMPLE', '[key]'],
  ['wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', '[key]'],
  ['hf_abcdefghijklmnopqrstuvwxyzABCDEFGH', '[key]'],
  ['Authorization: Bearer abcdef.ghijkl-mnopqrst', 'Authorization: Bearer [key]'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', '[key]'],
  [`-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----`, '[key]'],
])('[RED1] %j becomes %j', (text, redacted) => {
  expect(redactText(text)).toBe(redacted);
});

test.each([
  'On 2026-11-26 at 10:15 we had 1,234 calls',
  'Version 10.0.12.1 of claude-haiku-4-5 and gpt-4o-2024-08-06',
  'Order 4111 1111 1111 1112',
  'id 3f0c7a52-9d0e-4b61-8f83-0c5e1f2a7b9d',
  'Nothing to hide: a@b, @here, 50%',
])('[RED2] %j stays', (text) => {
  expect(redactText(text)).toBe(text);
});

test('[RED3] in JSON no escape hides anything, member names and numbers are looked at too, and it stays JSON', () => {
  const body = String.raw`{"model":"gpt-4o","a":"jo\u0068n\u0040example.com\nnext","john@example.com":1,"card":4111111111111111,"n":12.5,"created":1764120000}`;
  expect(JSON.parse(redactBody(body))).toEqual({
    model: 'gpt-4o',
    a: '[email]\nnext',
    '[email]': 1,
    card: '[card]',
    n: 12.5,
    created: 1764120000,
  });
});

test('[RED4] no text makes it slow', () => {
  const nasty = ['a', '1', 'a@', '+1 ', '-', 'eyJa.', '-----BEGIN PRIVATE KEY-----', 'sk-', '1-'].map(
    (piece) => piece.repeat(Math.ceil(262_144 / piece.length)),
  );
  for (const text of nasty) {
    const startedAt = performance.now();
    redactText(text);
    expect.soft(performance.now() - startedAt, text.slice(0, 30)).toBeLessThan(2_000);
  }
});
