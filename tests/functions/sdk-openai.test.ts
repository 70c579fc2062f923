import { NotFoundError } from 'openai';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { makeCaller } from '../support/caller.ts';
import { onlySettledCall, readLedger, settledLedger } from '../support/ledger.ts';
import {
  doneEvent,
  encodeEvents,
  moonshotChunks,
  openaiChunks,
  openaiCompletion,
  openaiUsageChunk,
} from '../support/provider-answers.ts';
import { receivedBody } from '../support/received-body.ts';
import { openaiClient } from '../support/sdk.ts';
import { jsonScript, playScripts, readUpstreamUrl, streamScript } from '../support/upstream-client.ts';

const model = 'gpt-4o-mini';
const usage = { prompt_tokens: 21, completion_tokens: 7, total_tokens: 28 };
const messages = [{ role: 'user' as const, content: 'Grüße 🙂?' }];
const weatherTool = {
  type: 'function' as const,
  function: {
    name: 'weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};

let upstreamUrl: string;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});

test('[SDK1] a chat answer comes as sent, with its request id and the cost that the ledger has', async () => {
  const caller = await makeCaller('openai');
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(openaiCompletion(model, usage)));
  const asked = openaiClient(caller.proxyKey).chat.completions.create({ model, messages });
  const { response, request_id } = await asked.withResponse();
  const data = await asked;
  expect(data.choices[0]?.message.content).toBe('Hello.');
  expect(data.usage).toEqual(usage);
  const call = await onlySettledCall(caller.organizationId);
  expect(call).toMatchObject({
    status: 'succeeded',
    usage_source: 'reported',
    input_tokens: 21,
    output_tokens: 7,
  });
  expect(data._request_id).toBe(call.request_id);
  expect(request_id).toBe(call.request_id);
  expect(response.headers.get('x-khq-cost-usd')).toBe(call.cost_usd);
  expect(call.cost_usd).toBe('0.0000073500');
});

test('[SDK2] a streamed chat shows no usage that was not asked for, and is recorded with it', async () => {
  const caller = await makeCaller('openai');
  const chunks = openaiChunks(model, [{ content: 'Grü' }, { content: 'ße 🙂' }]);
  const events = [...chunks, openaiUsageChunk(model, usage), doneEvent];
  await playScripts(upstreamUrl, caller.upstreamKey, streamScript(encodeEvents(events)));
  const { data: stream, response } = await openaiClient(caller.proxyKey)
    .chat.completions.create({ model, messages, stream: true })
    .withResponse();
  const received = [];
  for await (const chunk of stream) received.push(chunk);
  expect(received.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('Grüße 🙂');
  expect(received).toHaveLength(chunks.length);
  expect(received.every((chunk) => chunk.usage === null)).toBe(true);
  const call = await onlySettledCall(caller.organizationId);
  expect(response.headers.get('x-request-id')).toBe(call.request_id);
  expect(call).toMatchObject({
    is_stream: true,
    input_tokens: 21,
    output_tokens: 7,
    usage_source: 'reported',
  });
});

test('[SDK3] a client that asks for streamed usage gets it', async () => {
  const caller = await makeCaller('openai');
  const events = [...openaiChunks(model, [{ content: 'Yes' }]), openaiUsageChunk(model, usage), doneEvent];
  await playScripts(upstreamUrl, caller.upstreamKey, streamScript(encodeEvents(events)));
  const runner = openaiClient(caller.proxyKey).chat.completions.stream({
    model,
    messages,
    stream_options: { include_usage: true },
  });
  expect((await runner.finalChatCompletion()).usage).toEqual(usage);
  expect(await runner.finalContent()).toBe('Yes');
  expect(await onlySettledCall(caller.organizationId)).toMatchObject({ input_tokens: 21, output_tokens: 7 });
});

test('[SDK4] tools go up and tool calls come down, plain and streamed, and so does their answer', async () => {
  const caller = await makeCaller('openai');
  const call = {
    id: 'call_1',
    type: 'function',
    function: { name: 'weather', arguments: '{"city":"Köln"}' },
  };
  const pieces = ['{"ci', 'ty":"K', 'öln"}'].map((part) => ({
    tool_calls: [{ index: 0, function: { arguments: part } }],
  }));
  const opening = {
    tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } }],
  };
  await playScripts(
    upstreamUrl,
    caller.upstreamKey,
    jsonScript(openaiCompletion(model, usage, { content: null, tool_calls: [call] })),
    streamScript(
      encodeEvents([...openaiChunks(model, [opening, ...pieces]), openaiUsageChunk(model, usage), doneEvent]),
    ),
    jsonScript(openaiCompletion(model, usage)),
  );
  const client = openaiClient(caller.proxyKey);
  const plain = await client.chat.completions.create({ model, messages, tools: [weatherTool] });
  expect(plain.choices[0]?.message.tool_calls).toEqual([call]);
  expect(await receivedBody(caller)).toEqual({ model, messages, tools: [weatherTool] });

  const runner = client.chat.completions.stream({ model, messages, tools: [weatherTool] });
  const streamed = (await runner.finalChatCompletion()).choices[0]?.message;
  expect(streamed?.tool_calls?.[0]).toMatchObject({
    function: { name: 'weather', arguments: '{"city":"Köln"}' },
  });

  const turn = [
    ...messages,
    plain.choices[0]?.message,
    { role: 'tool', tool_call_id: 'call_1', content: '12 °C' },
  ];
  const last = await client.post('/chat/completions', { body: { model, messages: turn } });
  expect(last).toMatchObject({ choices: [{ message: { content: 'Hello.' } }] });
  expect(await receivedBody(caller)).toEqual({ model, messages: turn });
  expect(await settledLedger(caller.organizationId)).toHaveLength(3);
});

test('[SDK5] images and fields that the proxy does not know reach upstream untouched', async () => {
  const caller = await makeCaller('openai');
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(openaiCompletion(model, usage)));
  const image = {
    type: 'image_url' as const,
    image_url: { url: `data:image/png;base64,${'iVBORw0KGgo'.repeat(40)}` },
  };
  const body = {
    model,
    messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'What is this?' }, image] }],
    response_format: { type: 'json_object' as const },
    field_of_tomorrow: { deep: [1, { er: null }] },
  };
  await openaiClient(caller.proxyKey).chat.completions.create(body);
  expect(await receivedBody(caller)).toEqual(body);
});

test('[SDK6] embeddings in the base64 that the client asks for by itself', async () => {
  const caller = await makeCaller('openai');
  const vector = [0.25, -1.5, 3];
  const answer = {
    object: 'list',
    model: 'text-embedding-3-small',
    data: [
      {
        object: 'embedding',
        index: 0,
        embedding: Buffer.from(new Float32Array(vector).buffer).toString('base64'),
      },
    ],
    usage: { prompt_tokens: 1_000_000, total_tokens: 1_000_000 },
  };
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(answer));
  const result = await openaiClient(caller.proxyKey).embeddings.create({
    model: 'text-embedding-3-small',
    input: ['Hallo'],
  });
  expect([...(result.data[0]?.embedding ?? [])]).toEqual(vector);
  expect(await receivedBody(caller)).toMatchObject({ encoding_format: 'base64' });
  expect(await onlySettledCall(caller.organizationId)).toMatchObject({
    operation: 'embeddings',
    input_tokens: 1_000_000,
    output_tokens: 0,
    cost_usd: '0.0200000000',
  });
});

test('[SDK7] models are those that the key may call, listed and one by one, without a ledger row', async () => {
  const caller = await makeCaller('openai');
  const client = openaiClient(caller.proxyKey);
  const listed = [];
  for await (const each of client.models.list()) listed.push(each);
  expect(listed.map(({ id }) => id)).toContain(model);
  expect(new Set(listed.map(({ owned_by }) => owned_by))).toEqual(new Set(['openai']));
  const { data, request_id } = await client.models.retrieve(model).withResponse();
  expect(data).toMatchObject({ id: model, object: 'model' });
  expect(request_id).toMatch(/^[0-9a-f-]{36}$/);
  await expect(client.models.retrieve('gpt-99')).rejects.toBeInstanceOf(NotFoundError);
  expect(await readLedger(caller.organizationId)).toEqual([]);
});

test.each(['kimi-k2.6', 'moonshot/kimi-k2.6'])('[SDK8] Moonshot answers as %s', async (name) => {
  const caller = await makeCaller('moonshot');
  const counted = { prompt_tokens: 100, completion_tokens: 9, total_tokens: 109, cached_tokens: 64 };
  const events = [...moonshotChunks('kimi-k2.6', ['你', '好'], counted), doneEvent];
  await playScripts(upstreamUrl, caller.upstreamKey, streamScript(encodeEvents(events)));
  const stream = await openaiClient(caller.proxyKey).chat.completions.create({
    model: name,
    messages,
    stream: true,
  });
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  expect(text).toBe('你好');
  expect(z.object({ model: z.string() }).parse(await receivedBody(caller)).model).toBe('kimi-k2.6');
  expect(await onlySettledCall(caller.organizationId)).toMatchObject({
    provider: 'moonshot',
    model: 'kimi-k2.6',
    input_tokens: 100,
    cache_read_tokens: 64,
    output_tokens: 9,
    cost_usd: '0.0000804400',
  });
});
