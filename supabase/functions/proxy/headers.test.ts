import { expect, test } from 'vitest';
import { clientHeaders } from './client-headers.ts';
import { upstreamHeaders } from './upstream-headers.ts';

test("upstream gets the client's headers, without this hop's, ours, and who the caller is", () => {
  const incoming = new Headers({
    connection: 'keep-alive, X-Once',
    'x-once': '1',
    'keep-alive': 'timeout=5',
    host: 'proxy',
    'content-length': '7',
    'accept-encoding': 'gzip',
    authorization: 'Bearer khq_a_b',
    'x-api-key': 'khq_a_b',
    apikey: 'sb_publishable_x',
    cookie: 'a=b',
    origin: 'https://app',
    'x-khq-user': 'ann',
    'x-forwarded-for': '10.0.0.1',
    'cf-ray': 'r',
    'sec-fetch-mode': 'cors',
    'content-type': 'application/json',
    'user-agent': 'OpenAI/JS',
    'x-stainless-lang': 'js',
    'anthropic-version': '2023-06-01',
    'anthropic-beta': 'x,y',
    'openai-organization': 'org',
    'openai-project': 'proj',
    'openai-beta': 'z',
    'idempotency-key': 'k',
  });
  expect(Object.fromEntries(upstreamHeaders(incoming, { authorization: 'Bearer sk-real' }))).toEqual({
    'accept-encoding': 'identity',
    authorization: 'Bearer sk-real',
    'content-type': 'application/json',
    'user-agent': 'OpenAI/JS',
    'x-stainless-lang': 'js',
    'anthropic-version': '2023-06-01',
    'anthropic-beta': 'x,y',
    'openai-beta': 'z',
    'idempotency-key': 'k',
  });
});

test("the client gets upstream's headers, but our request id, no cookies and no stale lengths", () => {
  const upstream = new Headers({
    'content-type': 'application/json',
    'content-length': '9',
    'transfer-encoding': 'chunked',
    'set-cookie': 'a=b',
    'x-request-id': 'up-1',
    'retry-after': '7',
    'retry-after-ms': '7000',
    'x-ratelimit-remaining-requests': '3',
    'openai-processing-ms': '12',
    'access-control-allow-origin': 'https://elsewhere',
  });
  const arrival = { id: 'ours', route: { dialect: 'openai', operation: 'chat.completions' } } as const;
  expect(new Headers(clientHeaders(upstream, arrival, { costUsd: '0.0000000400' }))).toEqual(
    new Headers({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': '*',
      'content-type': 'application/json',
      'x-request-id': 'ours',
      'x-khq-upstream-request-id': 'up-1',
      'x-khq-cost-usd': '0.0000000400',
      'retry-after': '7',
      'retry-after-ms': '7000',
      'x-ratelimit-remaining-requests': '3',
      'openai-processing-ms': '12',
    }),
  );
});

test('Anthropic clients find our id where they look for it', () => {
  const arrival = { id: 'ours', route: { dialect: 'anthropic', operation: 'messages' } } as const;
  const headers = new Headers(clientHeaders(new Headers({ 'request-id': 'req_up' }), arrival));
  expect(headers.get('request-id')).toBe('ours');
  expect(headers.get('x-request-id')).toBe('ours');
  expect(headers.get('x-khq-upstream-request-id')).toBe('req_up');
  expect(headers.has('x-khq-cost-usd')).toBe(false);
});
