import { APIError, InternalServerError, RateLimitError } from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeCaller } from '../support/caller.ts';
import { freezeCalls } from '../support/freeze-calls.ts';
import { onlySettledCall, settledLedger } from '../support/ledger.ts';
import { libraryPrice } from '../support/library-price.ts';
import { anthropicEvents, anthropicMessage, encodeEvents, pieceEvents } from '../support/provider-answers.ts';
import { storeProviderKey } from '../support/provider-key.ts';
import { paths, postToProxy } from '../support/proxy-request.ts';
import { openaiClient } from '../support/sdk.ts';
import {
  bytesStep,
  jsonScript,
  playScripts,
  readJournal,
  readUpstreamUrl,
  streamScript,
} from '../support/upstream-client.ts';

const model = 'claude-haiku-4-5';
const messages = [{ role: 'user' as const, content: 'Grüße 🙂?' }];
const usage = {
  input_tokens: 10,
  cache_creation_input_tokens: 300,
  cache_read_input_tokens: 2000,
  cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
  output_tokens: 40,
  output_tokens_details: { thinking_tokens: 12 },
};
const chatUsage = {
  prompt_tokens: 2310,
  completion_tokens: 40,
  total_tokens: 2350,
  prompt_tokens_details: { cached_tokens: 2000, cache_write_tokens: 300, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 12, audio_tokens: 0 },
};
const costUsd = libraryPrice('anthropic', model, {
  input: 2310,
  read: 2000,
  write5m: 100,
  write1h: 200,
  output: 40,
});
/** Read from Anthropic's own bytes, and priced as Claude. */
const row = {
  dialect: 'openai',
  operation: 'chat.completions',
  provider: 'anthropic',
  model,
  input_tokens: 2310,
  cache_read_tokens: 2000,
  cache_write_5m_tokens: 100,
  cache_write_1h_tokens: 200,
  output_tokens: 40,
  reasoning_tokens: 12,
  cost_usd: costUsd,
  usage_source: 'reported',
  status: 'succeeded',
};
const tools = [
  {
    type: 'function' as const,
    function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  },
];

let upstreamUrl: string;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});

test('[TRN5] Claude answers a chat completion, priced by its own usage', async () => {
  const caller = await makeCaller('anthropic');
  const content = [
    { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
    { type: 'text', text: 'Guten ' },
    { type: 'text', text: 'Tag.' },
  ];
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(anthropicMessage(model, usage, content)));
  const asked = openaiClient(caller.proxyKey).chat.completions.create({ model, messages });
  const { data, response } = await asked.withResponse();
  expect(data).toMatchObject({
    object: 'chat.completion',
    model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'Guten Tag.', refusal: null, reasoning_content: 'Hm.' },
        finish_reason: 'stop',
      },
    ],
    usage: chatUsage,
  });
  expect(data.created).toBeGreaterThan(Date.now() / 1000 - 60);
  expect(await onlySettledCall(caller.organizationId)).toMatchObject({ ...row, raw_usage: usage });
  expect(response.headers.get('x-khq-cost-usd')).toBe(costUsd);
  const [received] = await readJournal(upstreamUrl, caller.upstreamKey);
  expect(received?.path).toBe('/v1/messages');
  expect(received?.headers).toMatchObject({
    'anthropic-version': '2023-06-01',
    'x-api-key': caller.upstreamKey,
  });
  expect(received?.headers).not.toHaveProperty('authorization');
});

test.each([
  ['max_tokens', 'length'],
  ['stop_sequence', 'stop'],
  ['refusal', 'content_filter'],
  ['model_context_window_exceeded', 'length'],
])('[TRN6] what stopped for %s finished for %s', async (stop_reason, finish_reason) => {
  const caller = await makeCaller('anthropic');
  const answer = { ...anthropicMessage(model, usage), stop_reason };
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(answer));
  const { choices } = await openaiClient(caller.proxyKey).chat.completions.create({ model, messages });
  expect(choices[0]?.finish_reason).toBe(finish_reason);
});

test.each([true, false])('[TRN7] a stream, its usage asked for: %s, cut anywhere', async (include_usage) => {
  const caller = await makeCaller('anthropic');
  const deltas = ['Grü', 'ße 🙂', ' 世界'].map((text) => ({ type: 'text_delta', text }));
  const bytes = encodeEvents(anthropicEvents(model, usage, deltas), '\r\n');
  const cuts = Array.from({ length: 60 }, (_, index) => index * 23 + 1);
  await playScripts(upstreamUrl, caller.upstreamKey, streamScript(bytes, cuts));
  const client = openaiClient(caller.proxyKey);
  const request = { model, messages, stream: true as const, stream_options: { include_usage } };
  const received = [];
  for await (const chunk of await client.chat.completions.create(request)) received.push(chunk);
  expect(received.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('Grüße 🙂 世界');
  const finished = received.filter(({ choices }) => choices[0]?.finish_reason === 'stop');
  expect(finished).toHaveLength(1);
  expect(received.at(-1)).toMatchObject(
    include_usage ? { choices: [], usage: chatUsage } : (finished[0] ?? {}),
  );
  expect(received.filter((chunk) => 'usage' in chunk)).toHaveLength(include_usage ? received.length : 0);
  expect(await onlySettledCall(caller.organizationId)).toMatchObject({ ...row, is_stream: true });
});

test('[TRN8] tool calls, several at once, plain and streamed, through the helper that gathers them', async () => {
  const caller = await makeCaller('anthropic');
  const block = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Köln' } };
  const second = { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} };
  const plain = { ...anthropicMessage(model, usage, [block, second]), stop_reason: 'tool_use' };
  const pieces = ['', '{"ci', 'ty":"K', 'öln"}'];
  const deltas = pieces.map((partial_json) => ({ type: 'input_json_delta', partial_json }));
  const [start, open, ping, ...rest] = anthropicEvents(model, usage, deltas, { ...block, input: {} });
  const more = [
    { type: 'content_block_start', index: 1, content_block: second },
    { type: 'content_block_stop', index: 1 },
  ].map((event) => ({ event: event.type, data: JSON.stringify(event) }));
  const events = [start, open, ping, ...rest.slice(0, -2), ...more, ...rest.slice(-2)]
    .filter((event) => event !== undefined)
    .map(({ data, ...event }) => ({ ...event, data: data.replace('"end_turn"', '"tool_use"') }));
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(plain), streamScript(encodeEvents(events)));
  const client = openaiClient(caller.proxyKey);
  const calls = [
    { id: 'toolu_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Köln"}' } },
    { id: 'toolu_2', type: 'function', function: { name: 'now', arguments: '{}' } },
  ];
  const expected = { message: { content: null, tool_calls: calls }, finish_reason: 'tool_calls' };
  const whole = await client.chat.completions.create({ model, messages, tools });
  expect(whole.choices).toMatchObject([expected]);
  const gathered = await client.chat.completions.stream({ model, messages, tools }).finalChatCompletion();
  expect(gathered.choices[0]?.finish_reason).toBe('tool_calls');
  expect(gathered.choices[0]?.message.tool_calls).toMatchObject(calls);
  expect(await settledLedger(caller.organizationId)).toMatchObject([row, row]);
});

test('[TRN9] numbers beyond doubles stay as Claude wrote them', async () => {
  const caller = await makeCaller('anthropic');
  const block = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { id: 'BIG' } };
  const text = JSON.stringify(anthropicMessage(model, usage, [block])).replace(
    '"BIG"',
    '12345678901234567890',
  );
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(text));
  const { choices } = await openaiClient(caller.proxyKey).chat.completions.create({ model, messages, tools });
  expect(choices[0]?.message.tool_calls).toMatchObject([
    { function: { arguments: '{"id":12345678901234567890}' } },
  ]);
});

describe('[TRN10] failures are those of the dialect', () => {
  const failure = (type: string, status: number) =>
    jsonScript({ type: 'error', error: { type, message: 'So it is.' } }, status);

  test.each([
    ['overloaded_error', 529, InternalServerError, 503],
    ['rate_limit_error', 429, RateLimitError, 429],
    ['invalid_request_error', 400, APIError, 400],
  ] as const)('%s', async (type, status, errorClass, answered) => {
    const caller = await makeCaller('anthropic');
    await playScripts(upstreamUrl, caller.upstreamKey, failure(type, status));
    const asked = openaiClient(caller.proxyKey).chat.completions.create({ model, messages });
    const error: unknown = await asked.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(errorClass);
    expect(error).toMatchObject({
      status: answered,
      code: type,
      message: expect.stringContaining('So it is.'),
    });
    expect(await onlySettledCall(caller.organizationId)).toMatchObject({
      status: 'failed',
      http_status: answered,
      cost_usd: '0.0000000000',
    });
  });

  test('a stored key that Anthropic rejects does not look like a wrong proxy key', async () => {
    const caller = await makeCaller('anthropic');
    await playScripts(upstreamUrl, caller.upstreamKey, failure('authentication_error', 401));
    const asked = openaiClient(caller.proxyKey).chat.completions.create({ model, messages });
    await expect(asked).rejects.toMatchObject({ status: 502, code: 'provider_credential_rejected' });
    expect(await onlySettledCall(caller.organizationId)).toMatchObject({
      status: 'failed',
      http_status: 502,
    });
  });

  test.each(['<html>', '{"type":"odd"}'])('an answer that is none: %s', async (body) => {
    const caller = await makeCaller('anthropic');
    await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(body));
    const asked = openaiClient(caller.proxyKey).chat.completions.create({ model, messages });
    await expect(asked).rejects.toMatchObject({ status: 502, code: 'malformed_upstream_response' });
    expect(await onlySettledCall(caller.organizationId)).toMatchObject({
      status: 'failed',
      http_status: 502,
      error_code: 'malformed_upstream_response',
    });
  });

  const textOf = async (proxyKey: string): Promise<string> => {
    const request = { model, messages, stream: true as const };
    let text = '';
    for await (const { choices } of await openaiClient(proxyKey).chat.completions.create(request))
      text += choices[0]?.delta.content ?? '';
    return text;
  };

  test('an error amid the stream', async () => {
    const caller = await makeCaller('anthropic');
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Too much.' } };
    const begun = pieceEvents('anthropic', model, 5).slice(0, 6);
    const events = [...begun, { event: 'error', data: JSON.stringify(error) }];
    await playScripts(upstreamUrl, caller.upstreamKey, streamScript(encodeEvents(events)));
    const thrown: unknown = await textOf(caller.proxyKey).catch((reason: unknown) => reason);
    expect(thrown).toBeInstanceOf(APIError);
    expect(thrown).toMatchObject({ code: 'overloaded_error', message: expect.stringContaining('Too much.') });
    expect(await onlySettledCall(caller.organizationId)).toMatchObject({
      status: 'failed',
      error_code: 'overloaded_error',
    });
  });

  test('an event amid the stream that cannot be read, whose words nobody would miss', async () => {
    const caller = await makeCaller('anthropic');
    const events = pieceEvents('anthropic', model, 5).toSpliced(4, 1, {
      event: 'content_block_delta',
      data: '{"type',
    });
    await playScripts(upstreamUrl, caller.upstreamKey, streamScript(encodeEvents(events)));
    await expect(textOf(caller.proxyKey)).rejects.toMatchObject({ code: 'malformed_upstream_response' });
    expect(await onlySettledCall(caller.organizationId)).toMatchObject({
      status: 'failed',
      error_code: 'malformed_upstream_response',
      usage_source: 'reported',
    });
  });

  test('a stream that just ends, which would look whole', async () => {
    const caller = await makeCaller('anthropic');
    const events = pieceEvents('anthropic', model, 5).slice(0, 6);
    await playScripts(upstreamUrl, caller.upstreamKey, streamScript(encodeEvents(events)));
    await expect(textOf(caller.proxyKey)).rejects.toMatchObject({ code: 'upstream_disconnected' });
    expect(await onlySettledCall(caller.organizationId)).toMatchObject({
      status: 'failed',
      error_code: 'upstream_disconnected',
      usage_source: 'estimated',
    });
  });

  test('a freeze amid the stream', async () => {
    const caller = await makeCaller('anthropic');
    const events = pieceEvents('anthropic', model, 400).map((event) => encodeEvents([event]));
    const steps = events.flatMap((event) => [bytesStep(event), { waitMs: 25 }]);
    const headers = { 'content-type': 'text/event-stream' };
    await playScripts(upstreamUrl, caller.upstreamKey, { headers, steps });
    const client = openaiClient(caller.proxyKey);
    const stream = await client.chat.completions.create({ model, messages, stream: true });
    const read = async (): Promise<void> => {
      let seen = 0;
      for await (const _ of stream) {
        seen += 1;
        if (seen === 8) await freezeCalls(caller);
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'frozen' });
    expect(await onlySettledCall(caller.organizationId)).toMatchObject({
      status: 'failed',
      error_code: 'frozen',
    });
  });
});

test('[TRN11] a stream reaches the client piece by piece, as it comes', async () => {
  const caller = await makeCaller('anthropic');
  const events = pieceEvents('anthropic', model, 12).map((event) => encodeEvents([event]));
  const steps = events.flatMap((event) => [bytesStep(event), { waitMs: 150 }]);
  const headers = { 'content-type': 'text/event-stream' };
  await playScripts(upstreamUrl, caller.upstreamKey, { headers, steps });
  const body = JSON.stringify({ model, messages, stream: true });
  const response = await postToProxy(caller.proxyKey, paths.openai, body);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const times: number[] = [];
  for await (const _ of response.body ?? []) times.push(performance.now());
  expect(times.length).toBeGreaterThan(10);
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1_000);
});

test('[TRN13] Claude stands in for whom an alias means first, but not where it could not be asked the same', async () => {
  const caller = await makeCaller('openai');
  const { organizationId, owner, upstreamKey } = caller;
  const claudeKey = await storeProviderKey(organizationId, owner, 'anthropic');
  const targets = ['openai/gpt-4o-mini', `anthropic/${model}`];
  const alias = { organization_id: organizationId, name: 'smart', targets };
  await owner.db.from('model_aliases').insert(alias).throwOnError();
  await playScripts(upstreamUrl, upstreamKey, jsonScript({ error: { message: 'Not now.' } }, 500));
  await playScripts(upstreamUrl, claudeKey, jsonScript(anthropicMessage(model, usage)));
  const ask = (more: object = {}) =>
    openaiClient(caller.proxyKey).chat.completions.create({ model: 'smart', messages, ...more });
  // What failed is told, which may be tried again: a call that is refused may not.
  await expect(ask({ logprobs: true })).rejects.toBeInstanceOf(InternalServerError);
  expect(await readJournal(upstreamUrl, claudeKey)).toEqual([]);
  expect(await ask()).toMatchObject({ model });
});

test('[TRN12] any model answers the same request of the same client', async () => {
  const caller = await makeCaller(null);
  await caller.owner.db.rpc('enable_sandbox', { organization_id: caller.organizationId }).throwOnError();
  const client = openaiClient(caller.proxyKey);
  for (const name of ['gpt-5-mini', 'claude-opus-5', 'kimi-k2.6']) {
    const request = { model: name, messages };
    const plain = await client.chat.completions.create(request);
    expect(plain.choices[0]?.message.content).toContain('sandbox');
    expect(await client.chat.completions.stream(request).finalContent()).toContain('Grüße');
    const called = await client.chat.completions.stream({ ...request, tools }).finalChatCompletion();
    expect(called.choices[0]?.message.tool_calls).toMatchObject([
      { function: { name: 'weather', arguments: '{"city":"sandbox"}' } },
    ]);
  }
  const calls = await settledLedger(caller.organizationId);
  expect(calls.map(({ provider }) => provider)).toEqual(
    ['openai', 'anthropic', 'moonshot'].flatMap((provider) => Array<string>(3).fill(provider)),
  );
  expect(calls.every(({ cost_usd }) => Number(cost_usd) > 0)).toBe(true);
});
