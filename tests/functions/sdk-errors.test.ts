import Anthropic, { APIError as AnthropicError } from '@anthropic-ai/sdk';
import OpenAI, { APIError as OpenaiError } from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { makeCaller, type Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { readBalance, readLedger, settledLedger } from '../support/ledger.ts';
import { mintProxyKey } from '../support/organization.ts';
import { anthropicMessage, openaiCompletion } from '../support/provider-answers.ts';
import { openaiResponse } from '../support/response-answers.ts';
import { anthropicClient, openaiClient } from '../support/sdk.ts';
import { setRateLimit } from '../support/set-rate-limit.ts';
import { jsonScript, playScripts, readJournal, readUpstreamUrl } from '../support/upstream-client.ts';

type Dialect = 'openai' | 'anthropic';

/** Where a call can be made, with a model that is served there and one that is not. */
type Surface = {
  dialect: Dialect;
  path: string;
  provider: Dialect;
  model: string;
  unheardOf: string;
  elsewhere: readonly string[];
  answer: object;
};

const messages = [{ role: 'user' as const, content: 'Hello' }];
const chatUsage = { prompt_tokens: 1, total_tokens: 1 };
const claudeUsage = { input_tokens: 1, output_tokens: 1 };
const gpt = { provider: 'openai', model: 'gpt-4o-mini', unheardOf: 'gpt-99-unheard-of' } as const;
const claude = {
  provider: 'anthropic',
  model: 'claude-haiku-4-5',
  unheardOf: 'claude-99-unheard-of',
  answer: anthropicMessage('claude-haiku-4-5', claudeUsage),
} as const;

const surfaces: Readonly<Record<string, Surface>> = {
  chat: {
    ...gpt,
    dialect: 'openai',
    path: '/chat/completions',
    elsewhere: [],
    answer: openaiCompletion(gpt.model, chatUsage),
  },
  'chat with Claude': { ...claude, dialect: 'openai', path: '/chat/completions', elsewhere: [] },
  responses: {
    ...gpt,
    dialect: 'openai',
    path: '/responses',
    elsewhere: [claude.model],
    answer: openaiResponse(gpt.model, null),
  },
  messages: { ...claude, dialect: 'anthropic', path: '/v1/messages', elsewhere: [gpt.model] },
};

let upstreamUrl: string;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});

/** What the dialect's own client throws. */
type ClientError = OpenaiError | AnthropicError;

type Ask = { model?: string; maxRetries?: number; body?: object };

async function errorOf(surface: Surface, proxyKey: string, ask: Ask = {}): Promise<ClientError> {
  const { model = surface.model, maxRetries = 2, body } = ask;
  const { dialect, path } = surface;
  const limit =
    path === '/responses' ? { max_output_tokens: 50, input: messages } : { max_tokens: 50, messages };
  const sent = body ?? { model, ...limit };
  const client = { openai: openaiClient, anthropic: anthropicClient }[dialect](proxyKey);
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

describe.each(Object.entries(surfaces))('%s', (_name, surface) => {
  const { dialect, provider } = surface;
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
      const error = await errorOf(surface, key);
      expectShape(dialect, error, 'AuthenticationError', known.authentication);
      expect(error).toMatchObject(known.wrongKey);
    },
  );

  test('[ERR2] an expired key is an AuthenticationError that says so', async () => {
    const caller = await makeCaller(provider);
    const expires_at = new Date(Date.now() - 1000).toISOString();
    const error = await errorOf(surface, await mintProxyKey(caller.projectId, caller.owner, { expires_at }));
    expectShape(dialect, error, 'AuthenticationError', known.authentication);
    expect(error.message).toContain('expired');
    await expectOneRefusal(caller, 'proxy_key_expired');
  });

  test('[ERR3] a revoked key is an AuthenticationError from the next call on', async () => {
    const caller = await makeCaller(provider);
    await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(surface.answer));
    await expect(errorOf(surface, caller.proxyKey)).rejects.toThrow('no error');
    const { data } = await caller.owner.db.from('proxy_keys').select('id').single();
    await caller.owner.db.rpc('revoke_proxy_key', { id: data?.id ?? '' }).throwOnError();
    const error = await errorOf(surface, caller.proxyKey);
    expectShape(dialect, error, 'AuthenticationError', known.authentication);
    expect(error.message).toContain('revoked');
    const statuses = (await settledLedger(caller.organizationId)).map(({ status }) => status);
    expect(statuses).toEqual(['succeeded', 'refused']);
  });

  test('[ERR4] an unknown model is a NotFoundError', async () => {
    const caller = await makeCaller(provider);
    const model = surface.unheardOf;
    expectShape(dialect, await errorOf(surface, caller.proxyKey, { model }), 'NotFoundError', known.notFound);
    await expectOneRefusal(caller, 'model_not_found');
    const nobodys = await errorOf(surface, caller.proxyKey, { model: 'nobody-makes-this' });
    expectShape(dialect, nobodys, 'NotFoundError', known.notFound);
  });

  test.each(surface.elsewhere)(
    '[ERR5] the model %s, which is not served here, is a BadRequestError that names where it is',
    async (model) => {
      const caller = await makeCaller(provider);
      const error = await errorOf(surface, caller.proxyKey, { model });
      expectShape(dialect, error, 'BadRequestError', invalid);
      expect(error.message).toContain('/v1/chat/completions');
    },
  );

  test('[ERR6] a body that is not what it should be is a BadRequestError, and nothing more', async () => {
    const caller = await makeCaller(provider);
    const encoder = new TextEncoder();
    const bodies = {
      'no JSON': encoder.encode('{"model": "gpt-4o-mini", "messages": ['),
      'no UTF-8': new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
      'an array': [surface.model],
      'no model': { messages },
      'a number as its model': { model: 4, messages },
      'its model twice': encoder.encode('{"model":"gpt-4o-mini","model":"gpt-4o","messages":[]}'),
    };
    for (const body of Object.values(bodies)) {
      expectShape(dialect, await errorOf(surface, caller.proxyKey, { body }), 'BadRequestError', invalid);
    }
    expect(await readLedger(caller.organizationId)).toEqual([]);
  });

  test('[ERR7] a model outside the allowlist is a PermissionDeniedError', async () => {
    const caller = await makeCaller(provider);
    const allowed_models = ['gpt-4.1*', 'claude-opus-*'];
    const key = await mintProxyKey(caller.projectId, caller.owner, { allowed_models });
    const error = await errorOf(surface, key);
    expectShape(dialect, error, 'PermissionDeniedError', known.permission);
    expect(error.message).toContain(surface.model);
    await expectOneRefusal(caller, 'model_not_allowed');
  });

  test('[ERR8] without a provider credential it is a PermissionDeniedError that says what to do', async () => {
    const caller = await makeCaller(null);
    const error = await errorOf(surface, caller.proxyKey);
    expectShape(dialect, error, 'PermissionDeniedError', known.permission);
    expect(error.message).toContain(provider);
    await expectOneRefusal(caller, 'no_provider_credential');
  });

  test('[ERR9] a used up budget is refused as the dialect knows it, and its client does not try again', async () => {
    const caller = await makeCaller(provider, { budgetUsd: '0.000001' });
    const error = await errorOf(surface, caller.proxyKey);
    expect(error.headers?.get('x-should-retry')).toBe('false');
    expect(error.headers?.get('retry-after')).toBeNull();
    expect(error).toBeInstanceOf(known.budgetClass);
    expect(error).toMatchObject(known.budget);
    await expectOneRefusal(caller, 'budget_exceeded');
  });

  test('[ERR10] a budget of zero means that nothing may be spent', async () => {
    const caller = await makeCaller(provider, { budgetUsd: '0' });
    expect(await errorOf(surface, caller.proxyKey)).toMatchObject(known.budget);
    await expectOneRefusal(caller, 'budget_exceeded');
  });

  test('[ERR12] beyond the rate limit it is a RateLimitError that asks for a short wait', async () => {
    const caller = await makeCaller(provider);
    await setRateLimit(caller, { requests_per_minute: 1, tokens_per_minute: 100_000 });
    await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(surface.answer));
    await expect(errorOf(surface, caller.proxyKey)).rejects.toThrow('no error');
    const error = await errorOf(surface, caller.proxyKey, { maxRetries: 0 });
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

  test('[ERR13] a call that alone is more than a minute allows is refused once: it would not pass later', async () => {
    const caller = await makeCaller(provider);
    await setRateLimit(caller, { tokens_per_minute: 10 });
    const error = await errorOf(surface, caller.proxyKey);
    expect(error).toBeInstanceOf({ openai: OpenAI, anthropic: Anthropic }[dialect].RateLimitError);
    expect(error.message).toContain('limited to 10 tokens a minute. This call alone');
    expect(['x-should-retry', 'retry-after'].map((name) => error.headers?.get(name))).toEqual([
      'false',
      null,
    ]);
    await expectOneRefusal(caller, 'rate_limited');
  });

  test('[ERR11] an archived project is a PermissionDeniedError', async () => {
    const caller = await makeCaller(provider);
    await operatorSql()`update public.projects set archived_at = now() where id = ${caller.projectId}`;
    const error = await errorOf(surface, caller.proxyKey);
    expectShape(dialect, error, 'PermissionDeniedError', known.permission);
    await expectOneRefusal(caller, 'project_archived');
  });
});
