import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { makeCaller, type Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { startFullListener } from '../support/full-listener.ts';
import { onlySettledCall, readBalance } from '../support/ledger.ts';
import { runFunction, startOwnProxy, type OwnProxy } from '../support/own-proxy.ts';
import { anthropicEvents, encodeEvents, openaiChunks } from '../support/provider-answers.ts';
import { paths, postToProxy } from '../support/proxy-request.ts';
import { openaiClient } from '../support/sdk.ts';
import { bytesStep, jsonScript, playScripts, readUpstreamUrl } from '../support/upstream-client.ts';

let upstreamUrl: string;
let proxy: OwnProxy | undefined;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});
afterEach(() => proxy?.end('SIGKILL'));

async function start(environment: Record<string, string>): Promise<string> {
  proxy = await startOwnProxy(environment);
  return proxy.proxyUrl;
}

/** Its own proxy has no key to open credentials with, and so takes everything to the sandbox's address. */
async function makeSandboxCaller(): Promise<Caller> {
  const caller = await makeCaller(null);
  await caller.owner.db.rpc('enable_sandbox', { organization_id: caller.organizationId }).throwOnError();
  return caller;
}

/** The sandbox has one key for all, so the stand-in knows a test by its model, which is priced by its beginning. */
const ownModel = (): string => `ft:gpt-4o-mini-2024-07-18:acme::${randomUUID()}`;
const nothingLeft = { held_usd: '0.0000000000', open_calls: 0 };
const bodyFor = (model: string, isStream = false): string =>
  JSON.stringify({
    model,
    max_tokens: 500,
    stream: isStream,
    messages: [{ role: 'user', content: 'Hello there' }],
  });

test('[RUN1] without its environment a function fails and names every variable', async () => {
  const [nothing, wrong, gateway] = await Promise.all([
    runFunction('proxy', {}),
    runFunction('proxy', {
      PROXY_DATABASE_URL: 'mysql://x',
      ENCRYPTION_KEYS: '{}',
      HOLD_LEASE_SECONDS: 'soon',
    }),
    runFunction('gateway', {}),
  ]);
  expect(nothing.code).toBe(1);
  expect(nothing.output).toContain('PROXY_DATABASE_URL: not set');
  expect(nothing.output).toContain('ENCRYPTION_KEYS: not set');
  expect(wrong.code).toBe(1);
  for (const name of ['PROXY_DATABASE_URL: wants', 'ENCRYPTION_KEYS: ', 'HOLD_LEASE_SECONDS: ']) {
    expect(wrong.output).toContain(name);
  }
  expect(gateway.code).toBe(1);
  const names = ['SUPABASE_URL', 'SUPABASE_PUBLISHABLE_KEYS', 'SUPABASE_SECRET_KEYS', 'JOBS_SECRET'];
  for (const name of [...names, 'ENCRYPTION_KEYS', 'ENCRYPTION_KEY_ID']) {
    expect(gateway.output).toContain(`${name}: not set`);
  }
});

test('[RUN2] a provider that cannot be reached is a 502 that cost nothing', async () => {
  const caller = await makeSandboxCaller();
  const proxyUrl = await start({ SANDBOX_URL: `http://127.0.0.1:${await freePort()}` });
  const response = await postToProxy(caller.proxyKey, paths.openai, bodyFor('gpt-4o-mini'), { proxyUrl });
  expect(response.status).toBe(502);
  expect(await response.json()).toMatchObject({
    error: { code: 'upstream_unreachable', type: 'server_error' },
  });
  const call = await onlySettledCall(caller.organizationId);
  expect(response.headers.get('x-request-id')).toBe(call.request_id);
  expect(call).toMatchObject({
    status: 'failed',
    http_status: 502,
    error_code: 'upstream_unreachable',
    cost_usd: '0.0000000000',
  });
  expect(await readBalance(caller.organizationId)).toMatchObject(nothingLeft);
});

test('[RUN3] a provider that says nothing is a 504 that its client does not try again; what it may have read counts', async () => {
  const caller = await makeSandboxCaller();
  const model = ownModel();
  await playScripts(upstreamUrl, model, { ...jsonScript({}), delayMs: 5000 });
  const proxyUrl = await start({
    SANDBOX_URL: upstreamUrl,
    UPSTREAM_TIMEOUT_SECONDS: '1',
    HOLD_LEASE_SECONDS: '3',
  });
  const client = openaiClient(caller.proxyKey, proxyUrl).withOptions({ maxRetries: 2 });
  const asked = client.chat.completions.create({ model, messages: [{ role: 'user', content: 'Hello' }] });
  await expect(asked).rejects.toMatchObject({ status: 504, code: 'upstream_timeout' });
  const call = await onlySettledCall(caller.organizationId);
  expect(call).toMatchObject({
    status: 'failed',
    http_status: 504,
    error_code: 'upstream_timeout',
    usage_source: 'estimated',
    output_tokens: 0,
  });
  expect(call.input_tokens).toBeGreaterThan(0);
  expect(await readBalance(caller.organizationId)).toMatchObject(nothingLeft);
});

test.runIf(process.platform === 'linux')(
  '[RUN6] a provider that lets nobody in is given up within the time for connecting, and cost nothing',
  async () => {
    const caller = await makeSandboxCaller();
    const gone = await startFullListener();
    try {
      const proxyUrl = await start({
        SANDBOX_URL: `http://127.0.0.1:${gone.port}`,
        UPSTREAM_CONNECT_TIMEOUT_SECONDS: '1',
      });
      const response = await postToProxy(caller.proxyKey, paths.openai, bodyFor('gpt-4o-mini'), { proxyUrl });
      expect(response.status).toBe(504);
      expect(await response.json()).toMatchObject({ error: { code: 'upstream_connect_timeout' } });
    } finally {
      gone.end();
    }
    const call = await onlySettledCall(caller.organizationId);
    expect(call).toMatchObject({
      status: 'failed',
      http_status: 504,
      error_code: 'upstream_connect_timeout',
      cost_usd: '0.0000000000',
    });
    const [row] = await operatorSql()`
      select distinct a ->> 'code' as code, a ->> 'cost_usd' as cost_usd
      from public.ai_usage u cross join jsonb_array_elements(u.attempts) a where u.id = ${call.id}`;
    expect(row).toMatchObject({ code: 'upstream_connect_timeout', cost_usd: '0.0000000000' });
    expect(await readBalance(caller.organizationId)).toMatchObject(nothingLeft);
  },
);

test('[RUN4] a stream that goes silent is cut off, and charged by what passed', async () => {
  const caller = await makeSandboxCaller();
  const model = ownModel();
  const chunks = openaiChunks(model, Array(20).fill({ content: 'four letters each ' })).slice(0, -1);
  await playScripts(upstreamUrl, model, {
    headers: { 'content-type': 'text/event-stream' },
    steps: [bytesStep(encodeEvents(chunks)), { waitMs: 10_000 }],
  });
  const proxyUrl = await start({
    SANDBOX_URL: upstreamUrl,
    UPSTREAM_TIMEOUT_SECONDS: '1',
    HOLD_LEASE_SECONDS: '3',
  });
  const response = await postToProxy(caller.proxyKey, paths.openai, bodyFor(model, true), { proxyUrl });
  await expect(response.text()).rejects.toThrow('terminated');
  const call = await onlySettledCall(caller.organizationId);
  expect(call).toMatchObject({ status: 'failed', error_code: 'upstream_timeout', usage_source: 'estimated' });
  expect(call.output_tokens).toBeGreaterThanOrEqual(20);
});

test('[RUN5] told to stop, the proxy settles what is open by what it saw', async () => {
  const caller = await makeSandboxCaller();
  const model = `claude-haiku-4-5-${randomUUID()}`;
  const deltas = Array(30).fill({ type: 'text_delta', text: 'word after word ' });
  const events = anthropicEvents(model, { input_tokens: 4000, output_tokens: 999 }, deltas).slice(0, -3);
  await playScripts(upstreamUrl, model, {
    headers: { 'content-type': 'text/event-stream' },
    steps: [bytesStep(encodeEvents(events)), { waitMs: 30_000 }],
  });
  const proxyUrl = await start({ SANDBOX_URL: upstreamUrl });
  const response = await postToProxy(caller.proxyKey, paths.anthropic, bodyFor(model, true), { proxyUrl });
  const reader = response.body?.getReader();
  await reader?.read();
  await proxy?.end('SIGTERM');
  const call = await onlySettledCall(caller.organizationId);
  // The input is known from the first event; its placeholder of one output token is not believed.
  expect(call).toMatchObject({
    status: 'failed',
    error_code: 'proxy_stopped',
    usage_source: 'estimated',
    input_tokens: 4000,
  });
  expect(call.output_tokens).toBeGreaterThanOrEqual(30);
  expect(await readBalance(caller.organizationId)).toMatchObject(nothingLeft);
  await reader?.cancel().catch(() => {});
});
