import Anthropic, { APIError as AnthropicError } from '@anthropic-ai/sdk';
import OpenAI, { APIError as OpenaiError } from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { makeCaller, type Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { readBalance, readLedger, settledLedger } from '../support/ledger.ts';
import { mintProxyKey } from '../support/organization.ts';
import { anthropicMessage, openaiCompletion } from '../support/provider-answers.ts';
import { anthropicClient, openaiClient } from '../support/sdk.ts';
import { setRateLimit } from '../support/set-rate-limit.ts';
import { jsonScript, playScripts, readJournal, readUpstreamUrl } from '../support/upstream-client.ts';

const models = { openai: 'gpt-4o-mini', anthropic: 'claude-haiku-4-5' } as const;
type Dialect = keyof typeof models;
const messages = [{ role: 'user' as const, content: 'Hello' }];

let upstreamUrl: string;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});

/** What the dialect's own client throws. */
type ClientError = OpenaiError | AnthropicError;

type Ask = { model?: string; maxRetries?: number; body?: object };

async function errorOf(dialect: Dialect, proxyKey: string, ask: Ask = {}): Promise<ClientError> {
  const { model = models[dialect], maxRetries = 2, body } = ask;
  const sent = body ?? { model, max_tokens: 50, messages };
  const client = { openai: openaiClient, anthropic: anthropicClient }[dialect](proxyKey);
  const path = dialect === 'openai' ? '/chat/completions' : '/v1/messages';
  const thrown: unknown = await client.post(path, { body: sent, maxRetries }).then(
    () => 'no error',
    (error: unknown) => error,
  );
  if (thrown instanceof OpenaiError || thrown instanceof AnthropicError) return thrown;
  throw new Error(`The client threw none of its own errors: ${String(thrown)}`);
}

/** The classes are the two packages' own, each by the same name. */
type ErrorClass = 'AuthenticationError' | 'BadRequestError' | 'NotFoundError' | 'PermissionDeniedError';

const OpenaiBody = z.strictObject({
  message: z.string().min(10),
  type: z.string(),
  param: z.string().nullable(),
  code: z.string(),
});
const AnthropicBody = z.strictObject({
  type: z.literal('error'),
  error: z.strictObject({ type: z.string(), message: z.string().min(10) }),
  request_id: z.string(),
});

/** The body's type and the request id that it leads to. @throws where the body is not whole in its dialect */
function readError(
  dialect: Dialect,
  error: ClientError,
): { type: string; requestId: string | null | undefined } {
  if (dialect === 'openai') return { type: OpenaiBody.parse(error.error).type, requestId: error.requestID };
  const body = AnthropicBody.parse(error.error);
  return { type: body.error.type, requestId: body.request_id };
}

function expectShape(dialect: Dialect, error: ClientError, name: ErrorClass, type: string): void {
  expect(error).toBeInstanceOf({ openai: OpenAI, anthropic: Anthropic }[dialect][name]);
  const requestId = error.headers?.get('x-request-id');
  expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(error.requestID).toBe(requestId);
  expect(readError(dialect, error)).toEqual({ type, requestId });
}

/** One refusal on record, once, which cost nothing and held nothing; upstream was not asked. */
async function expectOneRefusal({ organizationId, upstreamKey }: Caller, code: string): Promise<void> {
  const calls = await readLedger(organizationId);
  expect(calls).toMatchObject([{ status: 'refused', error_code: code, cost_usd: '0.0000000000' }]);
  expect(await readBalance(organizationId)).toMatchObject({ held_usd: '0.0000000000', open_calls: 0 });
  const received = await readJournal(upstreamUrl, upstreamKey);
  expect(received.filter(({ method }) => method === 'POST')).toEqual([]);
}

describe.each(['openai', 'anthropic'] as const)('%s', (dialect) => {
  const invalid = 'invalid_request_error';
  const known = {
    openai: {
      authentication: invalid,
      permission: invalid,
      notFound: invalid,
      wrongKey: { code: 'invalid_api_key' },
      budget: { status: 429, type: 'insufficient_quota', code: 'project_spend_limit_exceeded' },
      budgetClass: OpenAI.RateLimitError,
    },
    anthropic: {
      authentication: 'authentication_error',
      permission: 'permission_error',
      notFound: 'not_found_error',
      wrongKey: { type: 'authentication_error' },
      budget: { status: 402, type: 'billing_error' },
      budgetClass: Anthropic.APIError,
    },
  }[dialect];

  test.each(['nonsense', 'khq_0123456789abcdef_0123456789abcdef'])(
    '[ERR1] the wrong key %s is an AuthenticationError',
    async (key) => {
      const error = await errorOf(dialect, key);
      expectShape(dialect, error, 'AuthenticationError', known.authentication);
      expect(error).toMatchObject(known.wrongKey);
    },
  );

  test('[ERR2] an expired key is an AuthenticationError that says so', async () => {
    const caller = await makeCaller(dialect);
    const expires_at = new Date(Date.now() - 1000).toISOString();
    const error = await errorOf(dialect, await mintProxyKey(caller.projectId, caller.owner, { expires_at }));
    expectShape(dialect, error, 'AuthenticationError', known.authentication);
    expect(error.message).toContain('expired');
    await expectOneRefusal(caller, 'proxy_key_expired');
  });

  test('[ERR3] a revoked key is an AuthenticationError from the next call on', async () => {
    const caller = await makeCaller(dialect);
    const plain = { openai: openaiCompletion, anthropic: anthropicMessage }[dialect];
    const usage = { prompt_tokens: 1, total_tokens: 1, input_tokens: 1, output_tokens: 1 };
    await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(plain(models[dialect], usage)));
    await expect(errorOf(dialect, caller.proxyKey)).rejects.toThrow('no error');
    const { data } = await caller.owner.db.from('proxy_keys').select('id').single();
    await caller.owner.db.rpc('revoke_proxy_key', { id: data?.id ?? '' }).throwOnError();
    const error = await errorOf(dialect, caller.proxyKey);
    expectShape(dialect, error, 'AuthenticationError', known.authentication);
    expect(error.message).toContain('revoked');
    const statuses = (await settledLedger(caller.organizationId)).map(({ status }) => status);
    expect(statuses).toEqual(['succeeded', 'refused']);
  });

  test('[ERR4] an unknown model is a NotFoundError', async () => {
    const caller = await makeCaller(dialect);
    const model = { openai: 'gpt-99-unheard-of', anthropic: 'claude-99-unheard-of' }[dialect];
    expectShape(dialect, await errorOf(dialect, caller.proxyKey, { model }), 'NotFoundError', known.notFound);
    await expectOneRefusal(caller, 'model_not_found');
    const nobodys = await errorOf(dialect, caller.proxyKey, { model: 'nobody-makes-this' });
    expectShape(dialect, nobodys, 'NotFoundError', known.notFound);
  });

  test('[ERR5] a model of the other dialect is a BadRequestError that names the right endpoint', async () => {
    const caller = await makeCaller(dialect);
    const other = { openai: models.anthropic, anthropic: models.openai }[dialect];
    const error = await errorOf(dialect, caller.proxyKey, { model: other });
    expectShape(dialect, error, 'BadRequestError', invalid);
    expect(error.message).toContain({ openai: '/v1/messages', anthropic: '/v1/chat/completions' }[dialect]);
  });

  test('[ERR6] a body that is not what it should be is a BadRequestError, and nothing more', async () => {
    const caller = await makeCaller(dialect);
    const encoder = new TextEncoder();
    const bodies = {
      'no JSON': encoder.encode('{"model": "gpt-4o-mini", "messages": ['),
      'no UTF-8': new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
      'an array': [models[dialect]],
      'no model': { messages },
      'a number as its model': { model: 4, messages },
      'its model twice': encoder.encode('{"model":"gpt-4o-mini","model":"gpt-4o","messages":[]}'),
    };
    for (const body of Object.values(bodies)) {
      expectShape(dialect, await errorOf(dialect, caller.proxyKey, { body }), 'BadRequestError', invalid);
    }
    expect(await readLedger(caller.organizationId)).toEqual([]);
  });

  test('[ERR7] a model outside the allowlist is a PermissionDeniedError', async () => {
    const caller = await makeCaller(dialect);
    const allowed_models = ['gpt-4.1*', 'claude-opus-*'];
    const key = await mintProxyKey(caller.projectId, caller.owner, { allowed_models });
    const error = await errorOf(dialect, key);
    expectShape(dialect, error, 'PermissionDeniedError', known.permission);
    expect(error.message).toContain(models[dialect]);
    await expectOneRefusal(caller, 'model_not_allowed');
  });

  test('[ERR8] without a provider credential it is a PermissionDeniedError that says what to do', async () => {
    const caller = await makeCaller(null);
    const error = await errorOf(dialect, caller.proxyKey);
    expectShape(dialect, error, 'PermissionDeniedError', known.permission);
    expect(error.message).toContain(dialect);
    await expectOneRefusal(caller, 'no_provider_credential');
  });

  test('[ERR9] a used up budget is refused as the dialect knows it, and its client does not try again', async () => {
    const caller = await makeCaller(dialect, { budgetUsd: '0.000001' });
    const error = await errorOf(dialect, caller.proxyKey);
    expect(error.headers?.get('x-should-retry')).toBe('false');
    expect(error.headers?.get('retry-after')).toBeNull();
    expect(error).toBeInstanceOf(known.budgetClass);
    expect(error).toMatchObject(known.budget);
    await expectOneRefusal(caller, 'budget_exceeded');
  });

  test('[ERR10] a budget of zero means that nothing may be spent', async () => {
    const caller = await makeCaller(dialect, { budgetUsd: '0' });
    expect(await errorOf(dialect, caller.proxyKey)).toMatchObject(known.budget);
    await expectOneRefusal(caller, 'budget_exceeded');
  });

  test('[ERR12] beyond the rate limit it is a RateLimitError that asks for a short wait', async () => {
    const caller = await makeCaller(dialect);
    await setRateLimit(caller, { requests_per_minute: 1, tokens_per_minute: 100_000 });
    const plain = { openai: openaiCompletion, anthropic: anthropicMessage }[dialect];
    const usage = { prompt_tokens: 1, total_tokens: 1, input_tokens: 1, output_tokens: 1 };
    await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(plain(models[dialect], usage)));
    await expect(errorOf(dialect, caller.proxyKey)).rejects.toThrow('no error');
    const error = await errorOf(dialect, caller.proxyKey, { maxRetries: 0 });
    expect(error).toBeInstanceOf({ openai: OpenAI, anthropic: Anthropic }[dialect].RateLimitError);
    expect(readError(dialect, error).type).toBe('rate_limit_error');
    expect(error.message).toContain('1 requests a minute');
    expect(Number(error.headers?.get('retry-after'))).toBeLessThanOrEqual(5);
    expect(error.headers?.get('x-should-retry')).toBeNull();
    const names = {
      openai: ['x-ratelimit-limit-requests', 'x-ratelimit-remaining-requests'],
      anthropic: ['anthropic-ratelimit-requests-limit', 'anthropic-ratelimit-requests-remaining'],
    }[dialect];
    expect(names.map((name) => error.headers?.get(name))).toEqual(['1', '0']);
    const statuses = (await settledLedger(caller.organizationId)).map(({ status }) => status);
    expect(statuses).toEqual(['succeeded', 'refused']);
  });

  test('[ERR11] an archived project is a PermissionDeniedError', async () => {
    const caller = await makeCaller(dialect);
    await operatorSql()`update public.projects set archived_at = now() where id = ${caller.projectId}`;
    const error = await errorOf(dialect, caller.proxyKey);
    expectShape(dialect, error, 'PermissionDeniedError', known.permission);
    await expectOneRefusal(caller, 'project_archived');
  });
});
