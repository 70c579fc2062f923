import { SignJWT } from 'jose';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { cleanUp, eventually, startFixture, temporaryDirectory } from './fixture-stack.ts';

let stack: Stack;
let markFile: string;

beforeAll(async () => {
  markFile = join(temporaryDirectory(), 'marks');
  process.env['FIXTURE_LEAK'] = 'from whoever started the stack';
  stack = await startFixture({
    copies: { echo: 2 },
    functionEnvironment: { FIXTURE_SECRET: 'a secret', FIXTURE_FILE: markFile },
  });
}, 120_000);
afterAll(cleanUp, 60_000);

const call = (path: string, init?: RequestInit) => fetch(`${stack.url}/functions/v1/${path}`, init);
const callJson = async (path: string, init?: RequestInit): Promise<unknown> =>
  (await call(path, init)).json();

test('[FUN1] a function starts on first use and sees path, method and body', async () => {
  expect(stack.processes()['echo']).toBeUndefined();
  expect(await callJson('echo/a/b?c=d', { method: 'PUT', body: 'grüße' })).toMatchObject({
    path: '/echo/a/b?c=d',
    method: 'PUT',
    body: 'grüße',
  });
});

test('[FUN2] its environment is that of hosted functions, and nothing of its parent', async () => {
  const names = await callJson('echo/environment');
  expect(names).toEqual(
    expect.arrayContaining([
      'FIXTURE_SECRET',
      'SUPABASE_ANON_KEY',
      'SUPABASE_DB_URL',
      'SUPABASE_FUNCTION_SLUG',
      'SUPABASE_JWKS',
      'SUPABASE_PUBLISHABLE_KEYS',
      'SUPABASE_SECRET_KEYS',
      'SUPABASE_SERVICE_ROLE_KEY',
      'SUPABASE_URL',
    ]),
  );
  expect(names).not.toContain('FIXTURE_LEAK');
});

test('[FUN3] copies are processes of their own that share the work', async () => {
  const pids = await eventually(
    async () => stack.processes()['echo'] ?? [],
    (all) => all.length === 2 && stack.functionPorts()['echo']?.length === 2,
  );
  const answers = await Promise.all(Array.from({ length: 10 }, () => callJson('echo')));
  const seen = answers.map((answer) => Number(/"pid":(\d+)/.exec(JSON.stringify(answer))?.[1]));
  expect(new Set(seen)).toEqual(new Set(pids));
});

test('[FUN4] an unknown function, and what is no function', async () => {
  for (const path of ['nothing', '_shared', '..%2fecho', 'deno.json', '']) {
    const answer = await call(path);
    expect([path, answer.status, await answer.text()]).toEqual([path, 404, 'Function not found']);
  }
});

test('[FUN5] verify_jwt: refusals carry the codes of the hosted gateway', async () => {
  const refusal = async (headers: Record<string, string>) => {
    const answer = await call('guarded', { headers });
    return [answer.status, answer.headers.get('sb-error-code'), await answer.json()];
  };
  const expected = (code: string, message: string) => [401, code, { code, message, msg: message }];
  expect(await refusal({})).toEqual(expected('UNAUTHORIZED_NO_AUTH_HEADER', 'Missing authorization header'));
  expect(await refusal({ authorization: 'Bearer nonsense' })).toEqual(
    expected('UNAUTHORIZED_INVALID_JWT_FORMAT', 'Invalid JWT format'),
  );
  const forged = await sign('another secret of at least thirty-two characters');
  expect(await refusal({ authorization: `Bearer ${forged}` })).toEqual(
    expected('UNAUTHORIZED_LEGACY_JWT', 'Invalid JWT'),
  );
});

test('[FUN6] verify_jwt: a valid token passes, and an opaque key in apikey stands for its role', async () => {
  const answer = { slug: 'guarded', secret: 'a secret' };
  const headers = [
    { authorization: `Bearer ${await sign(stack.jwtSecret)}` },
    { apikey: stack.publishableKey, authorization: `Bearer ${stack.publishableKey}` },
    { apikey: stack.secretKey },
  ];
  for (const one of headers) expect(await callJson('guarded', { headers: one })).toEqual(answer);
});

function sign(secret: string): Promise<string> {
  return new SignJWT({ role: 'authenticated' })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret));
}

test("[FUN7] a client that leaves ends the function's work at once", async () => {
  const leaving = new AbortController();
  const answer = await call('stream', { signal: leaving.signal });
  const reader = answer.body?.getReader();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toMatch(/^data: \d+\n\n/);
  expect(await callJson('stream/open')).toEqual({ open: 1 });
  const leftAt = performance.now();
  leaving.abort();
  await eventually(
    () => callJson('stream/open'),
    (state) => JSON.stringify(state) === '{"open":0}',
    5000,
  );
  expect(performance.now() - leftAt).toBeLessThan(2000);
});

test('[FUN8] what is sent, is sent on at once, headers before any body too', async () => {
  const startedAt = performance.now();
  const answer = await call('stream');
  const { value } = (await answer.body?.getReader().read()) ?? {};
  const sentAt = Number(/\d+/.exec(new TextDecoder().decode(value))?.[0]);
  expect(Date.now() - sentAt).toBeLessThan(500);
  expect(performance.now() - startedAt).toBeLessThan(2000);
  await answer.body?.cancel().catch(() => {});
});

test('[FUN9] a crash answers 503, the function comes back, its siblings never noticed', async () => {
  const before = await callJson('crash');
  const sibling = await callJson('guarded', { headers: { apikey: stack.secretKey } });
  const crash = await call('crash/now');
  expect(crash.status).toBe(503);
  expect(await crash.json()).toMatchObject({
    code: 'WORKER_ERROR',
    message: expect.stringMatching(/^Function crash ended before it answered.*crash\.log$/),
  });
  const after = await eventually(
    () => call('crash'),
    (answer) => answer.status === 200,
  );
  expect(await after.json()).not.toEqual(before);
  expect(await callJson('guarded', { headers: { apikey: stack.secretKey } })).toEqual(sibling);
});

test("[FUN10] a function that dies while it answers breaks the client's connection", async () => {
  await eventually(
    () => call('crash'),
    (answer) => answer.status === 200,
  );
  const answer = await call('crash/midway');
  expect(answer.status).toBe(200);
  await expect(answer.text()).rejects.toThrow(/terminated/);
});

test('[FUN11] a function that cannot start says where to look, each time', async () => {
  for (let attempt = 0; attempt < 3; attempt++) {
    const answer = await call('broken');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      code: 'BOOT_ERROR',
      message: `Function broken failed to start. Its log: ${join(stack.logsDir, 'broken.log')}`,
    });
  }
  expect(readFileSync(join(stack.logsDir, 'broken.log'), 'utf8')).toContain('this function cannot start');
});

test('[FUN12] a body passes byte for byte, chunked or not', async () => {
  const body = 'x'.repeat(300_000) + '€';
  expect(await callJson('echo', { method: 'POST', body })).toMatchObject({ body });
  const chunked = await rawRequest(
    'POST /functions/v1/echo HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n' +
      '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
  );
  expect(chunked).toContain('"body":"abcde"');
});

function rawRequest(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(Number(new URL(stack.url).port), '127.0.0.1', () => socket.write(request));
    socket.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
    socket.once('close', () => resolve(received)).once('error', reject);
  });
}

test('[FUN14] an answer that comes before the whole request arrives whole, and the connection serves on', async () => {
  const body = 'x'.repeat(25_000_000);
  for (let attempt = 0; attempt < 3; attempt++) {
    const answer = await call('hasty', { method: 'POST', body });
    expect([answer.status, await answer.json()]).toEqual([413, { error: 'too large' }]);
  }
}, 30_000);

test('[FUN13] waitUntil goes on after the answer; a stop first lets it and beforeunload finish', async () => {
  expect(await (await call('background')).text()).toBe('answered');
  await eventually(
    async () => marks(),
    (lines) => lines.includes('after the answer'),
  );
  await call('background');
  await stack.stop();
  expect(marks()).toEqual(['after the answer', 'before the end', 'after the answer']);
}, 60_000);

function marks(): string[] {
  try {
    return readFileSync(markFile, 'utf8').trim().split('\n');
  } catch {
    return [];
  }
}
