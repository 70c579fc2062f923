import { createClient } from '@supabase/supabase-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { cleanUp, eventually, startFixture } from './fixture-stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startFixture();
}, 120_000);
afterAll(cleanUp, 60_000);

const client = (key: string) => createClient(stack.url, key, { auth: { persistSession: false } });
const rest = (path: string, init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {}) =>
  fetch(`${stack.url}/rest/v1/${path}`, { ...init, headers: { apikey: stack.secretKey, ...init.headers } });

test('[API1] values are written as PostgREST writes them: numeric digit for digit, times as ISO 8601', async () => {
  const answer = await rest('notes?select=price,created_at,details&body=eq.seeded');
  expect(await answer.text()).toBe(
    '[{"price":0.0000000123,"created_at":"2026-01-02T03:04:05+00:00","details":{"a":[1,2]}}]',
  );
});

test('[API2] select=*, embedded rows and exact counts', async () => {
  const { data, count, error } = await client(stack.secretKey)
    .from('notes')
    .select('*, comments(body)', { count: 'exact' })
    .eq('body', 'seeded');
  expect(error).toBeNull();
  expect(count).toBe(1);
  expect(data).toMatchObject([{ body: 'seeded', user_id: null, comments: [{ body: 'first' }] }]);
});

test('[API3] functions are called with named arguments, JSON ones of every type', async () => {
  const typeOf = async (args: object) => (await client(stack.publishableKey).rpc('type_of', args)).data;
  expect(await typeOf({ value: { a: 1 } })).toBe('none: object');
  expect(await typeOf({ value: [1], label: 'a list' })).toBe('a list: array');
  expect(await typeOf({ value: 'text' })).toBe('none: string');
  expect(await typeOf({ value: 5 })).toBe('none: number');
  expect(await typeOf({ value: true })).toBe('none: boolean');
});

test('[API4] SQLSTATE PT402 is the HTTP status, with message, detail and hint in the body', async () => {
  const answer = await rest('rpc/refuse', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"needed": 7}',
  });
  expect(answer.status).toBe(402);
  expect(await answer.json()).toEqual({
    code: 'PT402',
    message: 'budget_exceeded',
    details: '{"needed": 7}',
    hint: 'pay',
  });
});

test('[API5] a table made later is there at once', async () => {
  await stack.admin.unsafe('create table public.later (id int primary key)');
  const answer = await eventually(
    () => rest('later?select=id'),
    (response) => response.status === 200,
  );
  expect(await answer.json()).toEqual([]);
});

test('[API6] keys decide the role; without one, or with a made-up one, nobody is served', async () => {
  const role = async (key: string) => (await client(key).rpc('who_am_i')).data;
  expect(await role(stack.publishableKey)).toMatchObject({ role: 'anon', uid: null });
  expect(await role(stack.secretKey)).toMatchObject({ role: 'service_role' });
  expect((await fetch(`${stack.url}/rest/v1/notes`)).status).toBe(401);
  expect((await rest('notes', { headers: { apikey: 'sb_secret_made_up' } })).status).toBe(401);
});

test('[API7] browsers of other origins may ask, for Auth too', async () => {
  for (const path of ['/rest/v1/notes', '/auth/v1/token']) {
    const preflight = await fetch(stack.url + path, {
      method: 'OPTIONS',
      headers: {
        origin: 'http://elsewhere.test',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'apikey,content-type,x-client-info',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('apikey,content-type,x-client-info');
    const answer = await fetch(stack.url + path, { headers: { origin: 'http://elsewhere.test' } });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  }
});

test('[API10] objects are stored byte for byte, listed and removed, and policies decide who sees them', async () => {
  const bytes = new Uint8Array([0, 255, 10, 13, 128]);
  const { storage } = client(stack.secretKey);
  expect((await storage.createBucket('private-things', { public: false })).error).toBeNull();
  const bucket = storage.from('private-things');
  const name = 'folder/../one.bin';
  expect(
    (await bucket.upload('folder/one.bin', bytes, { contentType: 'application/gzip' })).error,
  ).toBeNull();
  expect((await bucket.upload('folder/one.bin', bytes)).error).not.toBeNull();
  const loaded = await bucket.download('folder/one.bin');
  expect(new Uint8Array((await loaded.data?.arrayBuffer()) ?? new ArrayBuffer(0))).toEqual(bytes);
  expect(loaded.data?.type).toBe('application/gzip');
  expect((await bucket.list('folder')).data).toMatchObject([{ name: expect.stringContaining('one.bin') }]);
  // SQL may ask for the size, as of hosted Storage.
  const [row] =
    await stack.admin`select metadata ->> 'size' as size from storage.objects where name = 'folder/one.bin'`;
  expect(row?.['size']).toBe(String(bytes.length));
  const visitors = client(stack.publishableKey).storage.from('private-things');
  expect((await visitors.download('folder/one.bin')).data).toBeNull();
  expect((await visitors.list('folder')).data).toEqual([]);
  expect((await bucket.remove(['folder/one.bin', name])).error).toBeNull();
  expect((await bucket.download('folder/one.bin')).data).toBeNull();
  await storage.deleteBucket('private-things');
});

test('[API9] the web app learns where it is from /env.json, which nothing may keep', async () => {
  const answer = await fetch(`${stack.url}/env.json`);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(await answer.json()).toEqual({
    supabaseUrl: stack.url,
    supabasePublishableKey: stack.publishableKey,
  });
});
