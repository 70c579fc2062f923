import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { callFunction } from './api.ts';
import { connectSupabase } from './supabase.ts';

const fetchMock = vi.fn<typeof fetch>();
const call = { path: '/gateway/things', answer: z.object({ id: z.string() }) };

beforeEach(() => {
  vi.stubGlobal('fetch', fetchMock);
  connectSupabase({
    supabaseUrl: 'http://hq.test',
    supabasePublishableKey: 'sb_publishable_x',
    proxyUrl: 'http://hq.test/functions/v1/proxy',
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  fetchMock.mockReset();
});

const answer = (status: number, body: unknown, headers = {}): void => {
  fetchMock.mockResolvedValueOnce(new Response(JSON.stringify(body), { status, headers }));
};

test('a call goes to the function with the key and answers what is in the envelope', async () => {
  answer(201, { success: true, data: { id: 'a' } });
  expect(await callFunction({ ...call, method: 'POST', body: { name: 'n' } })).toEqual({ id: 'a' });
  const [url, init] = fetchMock.mock.calls[0] ?? [];
  expect(url).toBe('http://hq.test/functions/v1/gateway/things');
  expect(init).toMatchObject({ method: 'POST', body: '{"name":"n"}' });
  expect(new Headers(init?.headers).get('apikey')).toBe('sb_publishable_x');
});

test('a refusal keeps its code, its facts and the request id', async () => {
  const error = {
    message: 'The Free plan allows 2 members.',
    code: 'plan_limit_exceeded',
    limit: 2,
    plan: 'free',
  };
  answer(402, { success: false, error }, { 'x-request-id': 'r1' });
  await expect(callFunction(call)).rejects.toMatchObject({
    code: 'plan_limit_exceeded',
    status: 402,
    details: { limit: 2, plan: 'free' },
    requestId: 'r1',
    isForPeople: true,
  });
});

test('what is not the envelope is an error with the request id, not data', async () => {
  fetchMock.mockResolvedValueOnce(new Response('<html>', { status: 502, headers: { 'x-request-id': 'r2' } }));
  await expect(callFunction(call)).rejects.toMatchObject({
    code: 'unexpected_answer',
    status: 502,
    requestId: 'r2',
  });
});

test('no connection has the status 0', async () => {
  fetchMock.mockRejectedValueOnce(new TypeError('Failed to fetch'));
  await expect(callFunction(call)).rejects.toMatchObject({ code: 'unreachable', status: 0 });
});
