import { expect, test } from 'vitest';
import { identifyCaller } from './identify-caller.ts';

const key = 'khq_0123_secret';
const identify = (headers: Record<string, string>) => () => identifyCaller(new Headers(headers)).keyId;
const code = (refusal: string): unknown => expect.objectContaining({ code: refusal });

test.each([
  { authorization: `Bearer ${key}` },
  { authorization: `bearer  ${key} ` },
  { 'x-api-key': ` ${key}` },
  { authorization: 'Bearer ', 'x-api-key': key },
  { authorization: 'Bearer eyJ.another.token', 'x-api-key': key },
  { authorization: `Bearer ${key}`, 'x-api-key': 'sk-another' },
])('the key is found wherever it stands, and whatever stands beside it: %j', (headers) => {
  expect(identify(headers)()).toBe('0123');
});

test('no key at all is another mistake than a wrong one', () => {
  expect(identify({})).toThrow(code('missing_proxy_key'));
  expect(identify({ authorization: 'Basic eDp5', 'x-api-key': ' ' })).toThrow(code('missing_proxy_key'));
  expect(identify({ authorization: 'Bearer sk-another' })).toThrow(code('invalid_proxy_key'));
  expect(identify({ 'x-api-key': `${key}, ${key}` })).toThrow(code('invalid_proxy_key'));
});
