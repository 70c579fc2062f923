import { APIError, BadRequestError, NotFoundError, RateLimitError } from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeCaller } from '../support/caller.ts';
import { freezeCalls } from '../support/freeze-calls.ts';
import { onlySettledCall, readLedger, settledLedger } from '../support/ledger.ts';
import { encodeEvents } from '../support/provider-answers.ts';
import { postToProxy } from '../support/proxy-request.ts';
import { readReady } from '../support/ready.ts';
import { receivedBody } from '../support/received-body.ts';
import { functionCallEvents, openaiResponse, responseEvents } from '../support/response-answers.ts';
import { openaiClient } from '../support/sdk.ts';
import {
  bytesStep,
  jsonScript,
  playScripts,
  readJournal,
  readUpstreamUrl,
  streamScript,
} from '../support/upstream-client.ts';

const model = 'gpt-5-mini';
const usage = {
  input_tokens: 1000,
  input_tokens_details: { cached_tokens: 600 },
  output_tokens: 50,
  output_tokens_details: { reasoning_tokens: 30 },
  total_tokens: 1050,
};
const tokens = { input_tokens: 1000, cache_read_tokens: 600, output_tokens: 50, reasoning_tokens: 30 };
/** (400 × 0.25 + 600 × 0.025 + 50 × 2) / 1,000,000 */
const costUsd = '0.0002150000';
const priced = { ...tokens, cost_usd: costUsd, usage_source: 'reported' };
const weatherTool = {
  type: 'function' as const,
  name: 'weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
  strict: false,
};

let upstreamUrl: string;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});

test('[RSP1] a response comes as sent, with its request id and the cost that the ledger has', async () => {
  const caller = await makeCaller('openai');
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(openaiResponse(model, usage)));
  const input = { model, input: 'Grüße 🙂?', instructions: 'Be brief.', max_output_tokens: 200 };
  const asked = openaiClient(caller.proxyKey).responses.create(input);
  const { response, data, request_id } = await asked.withResponse();
  expect(data.output_text).toBe('Hello.');
  expect(data.usage).toEqual(usage);
  expect(await receivedBody(caller)).toEqual(input);
  const [received] = await readJournal(upstreamUrl, caller.upstreamKey);
  expect(received?.path).toBe('/v1/responses');
  const call = await onlySettledCall(caller.organizationId);
  expect(call).toMatchObject({
    ...priced,
    status: 'succeeded',
    operation: 'responses',
    dialect: 'openai',
    model,
    is_stream: false,
    raw_usage: usage,
  });
  expect(request_id).toBe(call.request_id);
  expect(response.headers.get('x-khq-cost-usd')).toBe(costUsd);
});

test('[RSP2] a streamed response, raw and through the helper that gathers it', async () => {
  const caller = await makeCaller('openai');
  const events = responseEvents(model, usage, ['Grü', 'ße 🙂']);
  await playScripts(upstreamUrl, caller.upstreamKey, streamScript(encodeEvents(events)));
  const client = openaiClient(caller.proxyKey);
  const received = [];
  for await (const event of await client.responses.create({ model, input: 'Hi', stream: true }))
    received.push(event);
  expect(received).toEqual(events.map(({ data }) => JSON.parse(data)));
  const gathered = client.responses.stream({ model, input: 'Hi' });
  const final = await gathered.finalResponse();
  expect(final.output_text).toBe('Grüße 🙂');
  expect(final.usage).toEqual(usage);
  const calls = await settledLedger(caller.organizationId);
  const call = { ...priced, status: 'succeeded', is_stream: true, served_model: model };
  expect(calls).toMatchObject([call, call]);
});

test('[RSP3] the bytes of a stream are the provider’s, wherever they are cut, and those of the request the client’s', async () => {
  const caller = await makeCaller('openai');
  const bytes = encodeEvents(responseEvents(model, usage, ['Grüße, ', '世界 ', '🙂']), '\r\n');
  const cuts = Array.from({ length: 40 }, (_, index) => index * 37 + 1);
  await playScripts(upstreamUrl, caller.upstreamKey, streamScript(bytes, cuts));
  const body = `{ "model" : "openai/${model}", "input":"é \\u00e9",\n"stream":true, "big":12345678901234567890,"x":1.0, "stream_options":{"include_obfuscation":false}}`;
  const response = await postToProxy(caller.proxyKey, '/v1/responses', body);
  expect(Buffer.from(await response.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true);
  const [received] = await readJournal(upstreamUrl, caller.upstreamKey);
  const sent = body.replace(`"openai/${model}"`, `"${model}"`);
  expect(Buffer.from(received?.body ?? '', 'base64').toString()).toBe(sent);
  expect(await onlySettledCall(caller.organizationId)).toMatchObject(priced);
});

test.each(['incomplete', 'failed'] as const)(
  '[RSP4] what a response that is %s took is read from its last event, and paid',
  async (ending) => {
    const caller = await makeCaller('openai');
    await playScripts(
      upstreamUrl,
      caller.upstreamKey,
      streamScript(encodeEvents(responseEvents(model, usage, ['Well'], ending))),
      jsonScript(openaiResponse(model, usage, { status: ending })),
    );
    const client = openaiClient(caller.proxyKey);
    const types = [];
    for await (const { type } of await client.responses.create({ model, input: 'Hi', stream: true }))
      types.push(type);
    expect(types.at(-1)).toBe(`response.${ending}`);
    expect((await client.responses.create({ model, input: 'Hi' })).status).toBe(ending);
    const call = {
      ...priced,
      ...{ incomplete: { status: 'succeeded' }, failed: { status: 'failed', error_code: 'server_error' } }[
        ending
      ],
    };
    expect(await settledLedger(caller.organizationId)).toMatchObject([call, call]);
  },
);

test('[RSP5] tools, images and fields that the proxy does not know reach upstream, and calls come down', async () => {
  const caller = await makeCaller('openai');
  const call = { name: 'weather', pieces: ['{"ci', 'ty":"K', 'öln"}'] };
  await playScripts(
    upstreamUrl,
    caller.upstreamKey,
    streamScript(encodeEvents(functionCallEvents(model, usage, call))),
    jsonScript(openaiResponse(model, usage)),
  );
  const client = openaiClient(caller.proxyKey);
  const image = {
    type: 'input_image' as const,
    image_url: 'data:image/png;base64,iVBORw0KGgo=',
    detail: 'low' as const,
  };
  const input = [
    { role: 'user' as const, content: [{ type: 'input_text' as const, text: 'Where?' }, image] },
  ];
  const request = { model, input, tools: [weatherTool], field_of_tomorrow: { deep: [1, { er: null }] } };
  const final = await client.responses.stream(request).finalResponse();
  expect(final.output).toMatchObject([
    { type: 'function_call', call_id: 'call_1', arguments: '{"city":"Köln"}' },
  ]);
  expect(await receivedBody(caller)).toEqual({ ...request, stream: true });
  const turn = {
    model,
    previous_response_id: final.id,
    input: [{ type: 'function_call_output' as const, call_id: 'call_1', output: '12 °C' }],
  };
  expect((await client.responses.create(turn)).output_text).toBe('Hello.');
  expect(await receivedBody(caller)).toEqual(turn);
});

describe('[RSP6] refusals raise what the official client expects', () => {
  test('a used up budget: once, with nothing to wait for, plain and streamed', async () => {
    const caller = await makeCaller('openai', { budgetUsd: '0.000001' });
    for (const stream of [false, true]) {
      const asked = openaiClient(caller.proxyKey).responses.create(
        { model, input: 'Hi', stream },
        { maxRetries: 2 },
      );
      const error: unknown = await asked.then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(RateLimitError);
      expect(error).toMatchObject({ type: 'insufficient_quota', code: 'project_spend_limit_exceeded' });
    }
    expect(await readLedger(caller.organizationId)).toHaveLength(2);
    expect(await readJournal(upstreamUrl, caller.upstreamKey)).toEqual([]);
  });

  test('a response in the background, whose cost nobody would hear', async () => {
    const caller = await makeCaller('openai');
    const asked = openaiClient(caller.proxyKey).responses.create({ model, input: 'Hi', background: true });
    await expect(asked).rejects.toBeInstanceOf(BadRequestError);
    await expect(asked).rejects.toMatchObject({ param: 'background' });
  });

  test('models that are not served here, told where they are', async () => {
    const caller = await makeCaller('openai');
    for (const other of ['claude-haiku-4-5', 'kimi-k2.6']) {
      const asked = openaiClient(caller.proxyKey).responses.create({ model: other, input: 'Hi' });
      await expect(asked).rejects.toBeInstanceOf(BadRequestError);
      await expect(asked).rejects.toThrow('/v1/chat/completions');
    }
  });

  test('what the provider keeps of responses', async () => {
    const caller = await makeCaller('openai');
    const client = openaiClient(caller.proxyKey);
    for (const ask of [
      () => client.responses.retrieve('resp_1'),
      () => client.responses.delete('resp_1'),
      () => client.responses.cancel('resp_1'),
      () => client.responses.inputItems.list('resp_1'),
    ]) {
      await expect(ask()).rejects.toBeInstanceOf(NotFoundError);
      await expect(ask()).rejects.toThrow('Stored responses are not served here');
    }
    const listed = await fetch(`${readReady().proxyUrl}/v1/responses`);
    expect([listed.status, listed.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await readJournal(upstreamUrl, caller.upstreamKey)).toEqual([]);
  });

  test('an end amid the stream is an error with the facts, and the row says so', async () => {
    const caller = await makeCaller('openai');
    const pieces = Array.from({ length: 400 }, (_, index) => `${index} and on `);
    const events = responseEvents(model, usage, pieces).map((event) => encodeEvents([event]));
    const steps = events.flatMap((event) => [bytesStep(event), { waitMs: 25 }]);
    await playScripts(upstreamUrl, caller.upstreamKey, {
      headers: { 'content-type': 'text/event-stream' },
      steps,
    });
    const stream = await openaiClient(caller.proxyKey).responses.create({ model, input: 'Hi', stream: true });
    const read = async (): Promise<number> => {
      let seen = 0;
      for await (const { sequence_number } of stream) {
        seen = sequence_number;
        if (seen === 8) await freezeCalls(caller);
      }
      return seen;
    };
    const error: unknown = await read().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ code: 'frozen', message: expect.stringContaining('Spends too fast') });
    expect(await onlySettledCall(caller.organizationId)).toMatchObject({
      status: 'failed',
      error_code: 'frozen',
      usage_source: 'estimated',
    });
  });
});
