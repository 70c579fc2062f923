import { beforeAll, expect, test } from 'vitest';
import { makeCaller } from '../support/caller.ts';
import { onlySettledCall, readLedger, settledLedger } from '../support/ledger.ts';
import { anthropicEvents, anthropicMessage, encodeEvents } from '../support/provider-answers.ts';
import { receivedBody } from '../support/received-body.ts';
import { anthropicClient } from '../support/sdk.ts';
import {
  jsonScript,
  playScripts,
  readJournal,
  readUpstreamUrl,
  streamScript,
} from '../support/upstream-client.ts';

const model = 'claude-haiku-4-5';
const usage = {
  input_tokens: 10,
  cache_creation_input_tokens: 300,
  cache_read_input_tokens: 2000,
  cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
  output_tokens: 40,
};
const tokens = {
  input_tokens: 2310,
  cache_read_tokens: 2000,
  cache_write_5m_tokens: 100,
  cache_write_1h_tokens: 200,
  output_tokens: 40,
};
/** (10 × 1 + 2000 × 0.1 + 100 × 1.25 + 200 × 2 + 40 × 5) / 1,000,000 */
const costUsd = '0.0009350000';
const request = { model, max_tokens: 100, messages: [{ role: 'user' as const, content: 'Grüße 🙂?' }] };
const textDeltas = ['Grü', 'ße 🙂'].map((text) => ({ type: 'text_delta', text }));
const weatherTool = {
  name: 'weather',
  input_schema: { type: 'object' as const, properties: { city: { type: 'string' } } },
};

let upstreamUrl: string;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});

test('[SDK10] a message comes as sent, with its request id and the cost that the ledger has', async () => {
  const caller = await makeCaller('anthropic');
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(anthropicMessage(model, usage)));
  const asked = anthropicClient(caller.proxyKey).messages.create(request);
  const { response, request_id } = await asked.withResponse();
  const data = await asked;
  expect(data.content).toEqual([{ type: 'text', text: 'Hello.' }]);
  expect(data.usage).toEqual(usage);
  const call = await onlySettledCall(caller.organizationId);
  expect(call).toMatchObject({ ...tokens, cost_usd: costUsd, usage_source: 'reported', status: 'succeeded' });
  expect([data._request_id, request_id, response.headers.get('x-request-id')]).toEqual(
    Array(3).fill(call.request_id),
  );
  expect(response.headers.get('x-khq-cost-usd')).toBe(costUsd);
});

test('[SDK11] a streamed message, raw and through the helper that gathers it', async () => {
  const caller = await makeCaller('anthropic');
  await playScripts(
    upstreamUrl,
    caller.upstreamKey,
    streamScript(encodeEvents(anthropicEvents(model, usage, textDeltas))),
  );
  const client = anthropicClient(caller.proxyKey);
  const types = [];
  for await (const event of await client.messages.create({ ...request, stream: true }))
    types.push(event.type);
  expect(types).toEqual([
    'message_start',
    'content_block_start',
    'content_block_delta',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
  const gathered = client.messages.stream(request);
  expect(await gathered.finalText()).toBe('Grüße 🙂');
  const final = await gathered.finalMessage();
  expect(final.usage).toMatchObject({ output_tokens: 40, cache_read_input_tokens: 2000 });
  const calls = await settledLedger(caller.organizationId);
  expect(gathered.request_id).toBe(calls[1]?.request_id);
  // The last event repeats the counts without saying how long the cache writes live: the first one's word holds.
  expect(calls).toMatchObject(
    Array(2).fill({ ...tokens, cost_usd: costUsd, usage_source: 'reported', status: 'succeeded' }),
  );
});

test('[SDK12] tools go up and tool use comes down, plain and streamed', async () => {
  const caller = await makeCaller('anthropic');
  const block = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Köln' } };
  const deltas = ['{"ci', 'ty":"K', 'öln"}'].map((partial_json) => ({
    type: 'input_json_delta',
    partial_json,
  }));
  const streamed = anthropicEvents(model, usage, deltas, { ...block, input: {} });
  await playScripts(
    upstreamUrl,
    caller.upstreamKey,
    jsonScript(anthropicMessage(model, usage, [block])),
    streamScript(encodeEvents(streamed)),
  );
  const client = anthropicClient(caller.proxyKey);
  const plain = await client.messages.create({ ...request, tools: [weatherTool] });
  expect(plain.content).toEqual([block]);
  expect(await receivedBody(caller)).toEqual({ ...request, tools: [weatherTool] });
  const final = await client.messages.stream({ ...request, tools: [weatherTool] }).finalMessage();
  expect(final.content).toMatchObject([{ type: 'tool_use', name: 'weather', input: { city: 'Köln' } }]);
});

test('[SDK13] images, cache marks and fields that the proxy does not know reach upstream untouched', async () => {
  const caller = await makeCaller('anthropic');
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(anthropicMessage(model, usage)));
  const source = {
    type: 'base64' as const,
    media_type: 'image/png' as const,
    data: 'iVBORw0KGgo='.repeat(40),
  };
  const body = {
    model,
    max_tokens: 100,
    system: [
      {
        type: 'text' as const,
        text: 'Be brief.',
        cache_control: { type: 'ephemeral' as const, ttl: '1h' as const },
      },
    ],
    messages: [{ role: 'user' as const, content: [{ type: 'image' as const, source }] }],
    field_of_tomorrow: { deep: [1, { er: null }] },
  };
  const headers = { 'anthropic-version': '2023-06-01' };
  await anthropicClient(caller.proxyKey).messages.create(body, { headers });
  expect(await receivedBody(caller)).toEqual(body);
  const [received] = await readJournal(upstreamUrl, caller.upstreamKey);
  expect(received?.headers).toMatchObject(headers);
});

test('[SDK14] counting tokens is answered by upstream and costs nothing', async () => {
  const caller = await makeCaller('anthropic');
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript({ input_tokens: 12 }));
  const { max_tokens: _, ...counted } = request;
  expect(await anthropicClient(caller.proxyKey).messages.countTokens(counted)).toEqual({ input_tokens: 12 });
  const [received] = await readJournal(upstreamUrl, caller.upstreamKey);
  expect(received?.path).toBe('/v1/messages/count_tokens');
  expect(await onlySettledCall(caller.organizationId)).toMatchObject({
    operation: 'count_tokens',
    status: 'succeeded',
    cost_usd: '0.0000000000',
    held_usd: '0.0000000000',
  });
});

test('[SDK15] models are those of this dialect, listed and one by one', async () => {
  const caller = await makeCaller('anthropic');
  const client = anthropicClient(caller.proxyKey);
  const listed = [];
  for await (const each of client.models.list()) listed.push(each.id);
  expect(listed).toContain(model);
  expect(listed.every((id) => id.startsWith('claude-'))).toBe(true);
  expect(await client.models.retrieve(model)).toMatchObject({ id: model, type: 'model' });
  expect(await readLedger(caller.organizationId)).toEqual([]);
});

test('[SDK16] a bearer token serves as the proxy key too, and beta headers go up', async () => {
  const caller = await makeCaller('anthropic');
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(anthropicMessage(model, usage)));
  const client = anthropicClient(caller.proxyKey).withOptions({ apiKey: null, authToken: caller.proxyKey });
  await client.messages.create(request, { headers: { 'anthropic-beta': 'context-1m-2025-08-07' } });
  const [received] = await readJournal(upstreamUrl, caller.upstreamKey);
  expect(received?.headers).toMatchObject({
    'x-api-key': caller.upstreamKey,
    'anthropic-beta': 'context-1m-2025-08-07',
  });
  expect(received?.headers).not.toHaveProperty('authorization');
});
