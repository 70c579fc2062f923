import { APIError as AnthropicError } from '@anthropic-ai/sdk';
import { APIError as OpenaiError } from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeCaller, type Caller } from '../support/caller.ts';
import { onlySettledCall, readBalance, settledLedger, type LedgerRow } from '../support/ledger.ts';
import { askOnce } from '../support/organization.ts';
import {
  anthropicEvents,
  anthropicMessage,
  doneEvent,
  encodeEvents,
  openaiChunks,
  openaiCompletion,
  openaiUsageChunk,
  type SseEvent,
} from '../support/provider-answers.ts';
import { paths, postToProxy } from '../support/proxy-request.ts';
import { anthropicClient, openaiClient } from '../support/sdk.ts';
import {
  bytesStep,
  jsonScript,
  playScripts,
  readJournal,
  readUpstreamUrl,
  streamScript,
} from '../support/upstream-client.ts';
import type { Script } from '../support/upstream.ts';

const models = { openai: 'gpt-4o-mini', anthropic: 'claude-haiku-4-5' } as const;
const pieces = Array.from({ length: 24 }, (_, index) => `piece ${index} of the answer, `);
const openaiUsage = { prompt_tokens: 50, completion_tokens: 200, total_tokens: 250 };
const anthropicUsage = { input_tokens: 50, output_tokens: 200 };
const openaiStream = openaiChunks(
  models.openai,
  pieces.map((content) => ({ content })),
);
const anthropicStream = anthropicEvents(
  models.anthropic,
  anthropicUsage,
  pieces.map((text) => ({ type: 'text_delta', text })),
);
const free = { cost_usd: '0.0000000000', input_tokens: 0, output_tokens: 0 };

let upstreamUrl: string;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});

type Dialect = keyof typeof models;
type Answer = { status: number; headers: Headers; body: string | null };

/** One call that upstream answers so; the body is null where the answer broke off. */
async function call(
  dialect: Dialect,
  script: Script,
  isStream = false,
): Promise<{ caller: Caller; answer: Answer; row: LedgerRow }> {
  const caller = await makeCaller(dialect);
  await playScripts(upstreamUrl, caller.upstreamKey, script);
  const messages = [{ role: 'user', content: 'Tell me a story of some length, please.' }];
  const body = JSON.stringify({ model: models[dialect], max_tokens: 500, stream: isStream, messages });
  const response = await postToProxy(caller.proxyKey, paths[dialect], body);
  const text = await response.text().catch(() => null);
  const row = await onlySettledCall(caller.organizationId);
  const balance = await readBalance(caller.organizationId);
  expect(balance).toMatchObject({
    held_usd: '0.0000000000',
    open_calls: 0,
    spent_usd: row.cost_usd,
    rollups_usd: row.cost_usd,
  });
  expect(response.headers.get('x-request-id')).toBe(row.request_id);
  const isPlain = text !== null && !isStream && response.status !== 502;
  expect(response.headers.get('x-khq-cost-usd')).toBe(isPlain ? row.cost_usd : null);
  return { caller, answer: { status: response.status, headers: response.headers, body: text }, row };
}

/** A stream that ends with the connection, after these events. */
const brokenStream = (events: readonly SseEvent[]): Script => ({
  headers: { 'content-type': 'text/event-stream' },
  steps: [bytesStep(encodeEvents(events)), { waitMs: 30 }, { disconnect: true }],
});

const failures = {
  openai: (type: string, code: string | null = null) => ({
    error: { message: 'No.', type, param: null, code },
  }),
  anthropic: (type: string, _code: string | null = null) => ({
    type: 'error',
    error: { type, message: 'No.' },
    request_id: 'req_1',
  }),
};

describe.each(['openai', 'anthropic'] as const)('%s', (dialect) => {
  const failure = failures[dialect];

  test('[OUT1] a 500 of upstream is handed on as it is, and costs nothing', async () => {
    const sent = JSON.stringify(failure('server_error'));
    const { answer, row } = await call(dialect, jsonScript(sent, 500));
    expect(answer).toMatchObject({ status: 500, body: sent });
    expect(row).toMatchObject({ status: 'failed', http_status: 500, error_code: 'server_error', ...free });
  });

  test('[OUT2] a 429 of upstream keeps its retry-after', async () => {
    const script = jsonScript(failure('rate_limit_error'), 429);
    const headers = { ...script.headers, 'retry-after': '7', 'x-ratelimit-remaining-requests': '0' };
    const { answer, row } = await call(dialect, { ...script, headers });
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(answer.headers.get('x-ratelimit-remaining-requests')).toBe('0');
    expect(row).toMatchObject({
      status: 'failed',
      http_status: 429,
      error_code: 'rate_limit_error',
      ...free,
    });
  });

  test("[OUT3] a 401 of upstream is our credential's, not the client's: 502", async () => {
    const script = jsonScript(failure('authentication_error', 'invalid_api_key'), 401);
    const { answer, row } = await call(dialect, script);
    expect(answer.status).toBe(502);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(answer.body).toContain('stored key');
    expect(row).toMatchObject({
      status: 'failed',
      http_status: 502,
      error_code: 'provider_credential_rejected',
      ...free,
    });
  });

  test('[OUT4] an answer that is no JSON is handed on, and charged by its size', async () => {
    const sent = `<html>${'It broke while it answered. '.repeat(20)}`;
    const { answer, row } = await call(dialect, jsonScript(sent));
    expect(answer).toMatchObject({ status: 200, body: sent });
    expect(row).toMatchObject({
      status: 'failed',
      http_status: 200,
      error_code: 'malformed_upstream_response',
      usage_source: 'estimated',
      output_tokens: Math.ceil(sent.length / 4),
    });
    expect(row.input_tokens).toBeGreaterThan(5);
  });

  test('[OUT5] a stream that breaks off without usage is charged by what passed', async () => {
    const events = { openai: openaiStream, anthropic: anthropicStream }[dialect].slice(0, 18);
    const { answer, row } = await call(dialect, brokenStream(events), true);
    expect(answer.body).toBeNull();
    expect(row).toMatchObject({
      status: 'failed',
      http_status: 200,
      error_code: 'upstream_disconnected',
      usage_source: 'estimated',
    });
    // 15 to 17 pieces of some six tokens
    expect(row.output_tokens).toBeGreaterThan(60);
    expect(row.output_tokens).toBeLessThan(140);
    expect(row.input_tokens).toBeGreaterThan(5);
  });

  test('[OUT13] an event that cannot be read passes as it is, and the stream is no success, though its client hangs up', async () => {
    const whole = {
      openai: [...openaiStream, openaiUsageChunk(models.openai, openaiUsage), doneEvent],
      anthropic: anthropicStream,
    }[dialect];
    const broken = { ...(dialect === 'anthropic' && { event: 'content_block_delta' }), data: '{"broken' };
    const script = streamScript(encodeEvents(whole.toSpliced(5, 0, broken)));
    const { caller, answer, row } = await call(dialect, script, true);
    expect(answer.body).toContain('{"broken');
    const failed = { status: 'failed', http_status: 200, error_code: 'malformed_upstream_response' };
    expect(row).toMatchObject({ ...failed, usage_source: 'reported', output_tokens: 200 });

    const messages = [{ role: 'user' as const, content: 'Hello' }];
    const request = { model: models[dialect], max_tokens: 500, messages };
    const reading = {
      openai: () => openaiClient(caller.proxyKey).chat.completions.stream(request).finalContent(),
      anthropic: () => anthropicClient(caller.proxyKey).messages.stream(request).finalText(),
    }[dialect]();
    await expect(reading).rejects.toThrow(/JSON/);
    expect((await settledLedger(caller.organizationId))[1]).toMatchObject(failed);
  });

  test('[OUT6] a stream that breaks off after its usage is charged by that', async () => {
    const events = {
      openai: [...openaiStream, openaiUsageChunk(models.openai, openaiUsage)],
      anthropic: anthropicStream.slice(0, -1),
    }[dialect];
    const { answer, row } = await call(dialect, brokenStream(events), true);
    expect(answer.body).toBeNull();
    expect(row).toMatchObject({
      status: 'failed',
      error_code: 'upstream_disconnected',
      usage_source: 'reported',
      input_tokens: 50,
      output_tokens: 200,
    });
  });

  test('[OUT7] a disconnect before anything was said is a 502; what upstream may have read counts', async () => {
    const script = {
      delayMs: 30,
      headers: { 'content-length': '100' },
      steps: [{ disconnect: true as const }],
    };
    const { answer, row } = await call(dialect, script);
    expect(answer.status).toBe(502);
    expect(row).toMatchObject({
      status: 'failed',
      http_status: 502,
      error_code: 'upstream_disconnected',
      usage_source: 'estimated',
    });
    expect(row.input_tokens).toBeGreaterThan(5);
  });

  test('[OUT8] a slow first byte is waited for, and measured', async () => {
    const plain = {
      openai: openaiCompletion(models.openai, openaiUsage),
      anthropic: anthropicMessage(models.anthropic, anthropicUsage),
    }[dialect];
    const { answer, row } = await call(dialect, { ...jsonScript(plain), delayMs: 700 });
    expect(answer.status).toBe(200);
    expect(row).toMatchObject({
      status: 'succeeded',
      http_status: 200,
      input_tokens: 50,
      output_tokens: 200,
    });
    expect(row.first_byte_ms).toBeGreaterThanOrEqual(700);
    expect(row.latency_ms).toBeGreaterThanOrEqual(row.first_byte_ms ?? 0);
    expect(row.overhead_ms).toBeLessThan(700);
  });

  test('[OUT9] an error inside a stream that began reaches the client, whose library raises it', async () => {
    const event = { openai: {}, anthropic: { event: 'error' } }[dialect];
    const error = { ...event, data: JSON.stringify(failure('overloaded_error')) };
    const begun = { openai: openaiStream, anthropic: anthropicStream }[dialect].slice(0, 12);
    const sent = encodeEvents([...begun, error]);
    const { caller, answer, row } = await call(dialect, streamScript(sent), true);
    expect(answer).toMatchObject({ status: 200, body: Buffer.from(sent).toString() });
    expect(row).toMatchObject({
      status: 'failed',
      http_status: 200,
      error_code: 'overloaded_error',
      usage_source: 'estimated',
    });
    expect(row.output_tokens).toBeGreaterThan(30);

    const ask = {
      model: models[dialect],
      max_tokens: 9,
      messages: [{ role: 'user' as const, content: 'Hi' }],
    };
    const listen = {
      openai: () => openaiClient(caller.proxyKey).chat.completions.stream(ask).finalContent(),
      anthropic: () => anthropicClient(caller.proxyKey).messages.stream(ask).finalMessage(),
    }[dialect];
    await expect(listen()).rejects.toBeInstanceOf(
      { openai: OpenaiError, anthropic: AnthropicError }[dialect],
    );
  });

  test('[OUT10] counts that contradict each other are kept, and not believed', async () => {
    const usage = {
      openai: { ...openaiUsage, prompt_tokens_details: { cached_tokens: 51 } },
      anthropic: { input_tokens: -1, output_tokens: 200 },
    }[dialect];
    const plain = {
      ...openaiCompletion(models.openai, openaiUsage),
      ...anthropicMessage(models.anthropic, anthropicUsage),
      usage,
    };
    const { row } = await call(dialect, jsonScript(plain));
    expect(row).toMatchObject({ status: 'succeeded', usage_source: 'estimated', raw_usage: usage });
    expect(row.output_tokens).toBeGreaterThan(1);
  });

  test('[OUT11] an answer that never tells its usage is charged by estimate, never nothing', async () => {
    const events = {
      openai: [...openaiStream, doneEvent],
      anthropic: anthropicStream.filter(
        ({ event }) => event !== 'message_start' && event !== 'message_delta',
      ),
    }[dialect];
    const { row } = await call(dialect, streamScript(encodeEvents(events)), true);
    expect(row).toMatchObject({ status: 'succeeded', usage_source: 'estimated' });
    expect(row.output_tokens).toBeGreaterThan(90);
    expect(row.output_tokens).toBeLessThan(220);
    expect(Number(row.cost_usd)).toBeGreaterThan(0);
  });
});

test('[OUT12] a client that tries again after a 500 leaves a row for each try', async () => {
  const caller = await makeCaller('openai');
  const good = jsonScript(openaiCompletion(models.openai, openaiUsage));
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(failures.openai('server_error'), 500), good);
  // Or it would not have to.
  await askOnce(caller.organizationId);
  const client = openaiClient(caller.proxyKey).withOptions({ maxRetries: 2 });
  await client.chat.completions.create({ model: models.openai, messages: [{ role: 'user', content: 'Hi' }] });
  const rows = await settledLedger(caller.organizationId);
  expect(rows.map(({ status }) => status)).toEqual(['failed', 'succeeded']);
  expect(await readJournal(upstreamUrl, caller.upstreamKey)).toHaveLength(2);
});
