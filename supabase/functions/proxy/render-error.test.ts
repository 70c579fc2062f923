import { expect, test } from 'vitest';
import { AppError } from '../_shared/errors.ts';
import { errorEvent, renderError } from './render-error.ts';

const openai = { id: 'req-1', route: { dialect: 'openai', operation: 'chat.completions' } } as const;
const anthropic = { id: 'req-1', route: { dialect: 'anthropic', operation: 'messages' } } as const;

test.each([
  ['invalid_json', 400, 'invalid_request_error', 'invalid_json'],
  ['invalid_proxy_key', 401, 'invalid_request_error', 'invalid_api_key'],
  ['missing_proxy_key', 401, 'invalid_request_error', 'invalid_api_key'],
  ['model_not_allowed', 403, 'invalid_request_error', 'model_not_allowed'],
  ['model_not_found', 404, 'invalid_request_error', 'model_not_found'],
  ['body_too_large', 413, 'invalid_request_error', 'body_too_large'],
  ['budget_exceeded', 429, 'insufficient_quota', 'project_spend_limit_exceeded'],
  ['rate_limited', 429, 'rate_limit_error', 'rate_limit_exceeded'],
  ['internal', 500, 'server_error', 'internal'],
  ['provider_credential_rejected', 502, 'server_error', 'provider_credential_rejected'],
  ['ledger_unavailable', 503, 'server_error', 'ledger_unavailable'],
] as const)('OpenAI: %s is %i %s %s, with all four keys', async (code, status, type, wireCode) => {
  const response = renderError(new AppError(code), openai);
  expect(response.status).toBe(status);
  expect(response.headers.get('x-request-id')).toBe('req-1');
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(await response.json()).toEqual({
    error: { message: expect.any(String), type, param: null, code: wireCode },
  });
});

test.each([
  ['invalid_json', 400, 'invalid_request_error'],
  ['invalid_proxy_key', 401, 'authentication_error'],
  ['budget_exceeded', 402, 'billing_error'],
  ['model_not_allowed', 403, 'permission_error'],
  ['model_not_found', 404, 'not_found_error'],
  ['body_too_large', 413, 'request_too_large'],
  ['rate_limited', 429, 'rate_limit_error'],
  ['internal', 500, 'api_error'],
  ['ledger_unavailable', 503, 'overloaded_error'],
  ['upstream_timeout', 504, 'timeout_error'],
] as const)('Anthropic: %s is %i %s, with the request id', async (code, status, type) => {
  const response = renderError(new AppError(code), anthropic);
  expect(response.status).toBe(status);
  expect(response.headers.get('request-id')).toBe('req-1');
  expect(await response.json()).toEqual({
    type: 'error',
    error: { type, message: expect.any(String) },
    request_id: 'req-1',
  });
});

test('clients are told not to try again where it cannot help, and when to where it can', () => {
  const headersOf = (code: AppError['code'], details = {}) =>
    renderError(new AppError(code, details), openai).headers;
  expect(headersOf('budget_exceeded').get('x-should-retry')).toBe('false');
  expect(headersOf('budget_exceeded').get('retry-after')).toBeNull();
  expect(headersOf('provider_credential_rejected').get('x-should-retry')).toBe('false');
  expect(headersOf('ledger_unavailable').get('x-should-retry')).toBeNull();
  expect(headersOf('ledger_unavailable').get('retry-after')).toBe('1');
  expect(headersOf('rate_limited', { retry_after_seconds: 3.2 }).get('retry-after')).toBe('4');
  expect(headersOf('rate_limited', { retry_after_seconds: 86_400 }).get('retry-after')).toBe('5');
  const outgrown = headersOf('rate_limited', { limit: 1000, needed: 5000, retry_after_seconds: 65 });
  expect([outgrown.get('x-should-retry'), outgrown.get('retry-after')]).toEqual(['false', null]);
  expect(headersOf('rate_limited', { limit: 1000, needed: 1000 }).get('retry-after')).toBe('1');
  expect(headersOf('method_not_allowed', { allow: 'POST' }).get('allow')).toBe('POST');
});

test('a refusal says what it knows of the budget', async () => {
  const details = {
    limit_usd: '50.0000000000',
    spent_usd: '49.9800000000',
    held_usd: '0.02',
    resets_at: '2026-12-01T00:00:00Z',
  };
  const body: unknown = await renderError(new AppError('budget_exceeded', details), openai).json();
  expect(JSON.stringify(body)).toContain(
    'The budget of $50.00 leaves no room for this call. Spent: $49.98, held by calls under way: $0.02. It resets at 2026-12-01T00:00:00Z.',
  );
});

test('inside a stream: a data event for OpenAI clients, an error event for Anthropic ones', () => {
  const error = new AppError('budget_exceeded');
  const [data, ...rest] = errorEvent(error, openai).split('\n');
  expect(rest).toEqual(['', '']);
  expect(JSON.parse(data?.slice('data: '.length) ?? '')).toMatchObject({
    error: { type: 'insufficient_quota' },
  });
  const lines = errorEvent(error, anthropic).split('\n');
  expect(lines[0]).toBe('event: error');
  expect(JSON.parse(lines[1]?.slice('data: '.length) ?? '')).toMatchObject({
    type: 'error',
    error: { type: 'billing_error' },
    request_id: 'req-1',
  });
});

test('inside a stream of a response: the next numbered event, with the facts where clients look for them', () => {
  const arrival = { id: 'req-1', route: { dialect: 'openai', operation: 'responses' } } as const;
  const lines = errorEvent(new AppError('budget_exceeded'), arrival, 41).split('\n');
  expect(lines[0]).toBe('event: error');
  const facts = { code: 'project_spend_limit_exceeded', message: expect.any(String), param: null };
  expect(JSON.parse(lines[1]?.slice('data: '.length) ?? '')).toEqual({
    type: 'error',
    sequence_number: 42,
    ...facts,
    error: { type: 'insufficient_quota', ...facts },
  });
});
