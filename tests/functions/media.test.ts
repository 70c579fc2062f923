import { BadRequestError, NotFoundError, RateLimitError, toFile } from 'openai';
import { beforeAll, expect, test } from 'vitest';
import { makeCaller } from '../support/caller.ts';
import { onlySettledCall, readBalance, readLedger, settledLedger } from '../support/ledger.ts';
import { encodeEvents, type SseEvent } from '../support/provider-answers.ts';
import { postToProxy } from '../support/proxy-request.ts';
import { openaiClient } from '../support/sdk.ts';
import {
  jsonScript,
  playScripts,
  readJournal,
  readUpstreamUrl,
  streamScript,
} from '../support/upstream-client.ts';

const pixel = 'iVBORw0KGgo=';
const picture = { created: 1_767_000_000, data: [{ b64_json: pixel }], size: '1024x1024', quality: 'low' };
/** (10 × 5 + 40 × 10 + 272 × 40) / 1,000,000 */
const pictureUsage = {
  input_tokens: 50,
  input_tokens_details: { text_tokens: 10, image_tokens: 40 },
  output_tokens: 272,
  total_tokens: 322,
};
const pictureUsd = '0.0113300000';
/** (4 × 2.5 + 1000 × 6 + 20 × 10) / 1,000,000 */
const speechUsage = {
  type: 'tokens' as const,
  input_tokens: 1004,
  input_token_details: { text_tokens: 4, audio_tokens: 1000 },
  output_tokens: 20,
  total_tokens: 1024,
};
const speechUsd = '0.0062100000';
const typed = (events: readonly { type: string; [field: string]: unknown }[]): SseEvent[] =>
  events.map((event) => ({ event: event.type, data: JSON.stringify(event) }));

let upstreamUrl: string;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});

const recording = (bytes = 8_000) =>
  toFile(new Uint8Array(bytes).fill(7), 'speech.mp3', { type: 'audio/mpeg' });

test('[MED1] an image is made, whole and streamed, and its tokens have the rates of images', async () => {
  const caller = await makeCaller('openai');
  const events = typed([
    { type: 'image_generation.partial_image', b64_json: pixel, partial_image_index: 0 },
    { type: 'image_generation.completed', b64_json: pixel, usage: pictureUsage },
  ]);
  await playScripts(
    upstreamUrl,
    caller.upstreamKey,
    jsonScript({ ...picture, usage: pictureUsage }),
    streamScript(encodeEvents(events)),
  );
  const client = openaiClient(caller.proxyKey);
  const request = {
    model: 'gpt-image-1',
    prompt: 'A cat',
    quality: 'low' as const,
    size: '1024x1024' as const,
  };
  const { data, response } = await client.images.generate(request).withResponse();
  expect(data.data?.[0]?.b64_json).toBe(pixel);
  expect(response.headers.get('x-khq-cost-usd')).toBe(pictureUsd);
  const types = [];
  for await (const { type } of await client.images.generate({ ...request, stream: true, partial_images: 1 }))
    types.push(type);
  expect(types).toEqual(['image_generation.partial_image', 'image_generation.completed']);
  const row = {
    operation: 'images.generations',
    model: 'gpt-image-1',
    status: 'succeeded',
    usage_source: 'reported',
    input_tokens: 50,
    output_tokens: 272,
    cost_usd: pictureUsd,
  };
  expect(await settledLedger(caller.organizationId)).toMatchObject([row, { ...row, is_stream: true }]);
  expect(await readBalance(caller.organizationId)).toMatchObject({
    spent_usd: '0.0226600000',
    rollups_usd: '0.0226600000',
    held_usd: '0.0000000000',
  });
});

test('[MED2] an edit is passed through as the form it is, but for the name of the model', async () => {
  const caller = await makeCaller('openai');
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript({ ...picture, usage: pictureUsage }));
  const form = new FormData();
  form.append(
    'image[]',
    new Blob([new Uint8Array([0, 13, 10, 13, 10, 45, 45, 255])], { type: 'image/png' }),
    'a.png',
  );
  form.append('model', 'openai/gpt-image-1');
  form.append('prompt', 'Grüße 🙂');
  const sent = new Request('http://x', { method: 'POST', body: form });
  const bytes = Buffer.from(await sent.arrayBuffer());
  const headers = { 'content-type': sent.headers.get('content-type') ?? '' };
  const response = await postToProxy(caller.proxyKey, '/v1/images/edits', bytes, { headers });
  expect(await response.json()).toMatchObject({ data: [{ b64_json: pixel }] });
  const [received] = await readJournal(upstreamUrl, caller.upstreamKey);
  const expected = bytes.toString('latin1').replace('openai/gpt-image-1', 'gpt-image-1');
  expect(Buffer.from(received?.body ?? '', 'base64').toString('latin1')).toBe(expected);
  expect(received?.headers['content-type']).toBe(headers['content-type']);
  expect(await onlySettledCall(caller.organizationId)).toMatchObject({
    operation: 'images.edits',
    cost_usd: pictureUsd,
  });
});

test('[MED3] speech is transcribed, whole and streamed, and its tokens have the rate of audio', async () => {
  const caller = await makeCaller('openai');
  const events = typed([
    { type: 'transcript.text.delta', delta: 'Hello' },
    { type: 'transcript.text.done', text: 'Hello', usage: speechUsage },
  ]);
  await playScripts(
    upstreamUrl,
    caller.upstreamKey,
    jsonScript({ text: 'Hello', usage: speechUsage }),
    streamScript(encodeEvents(events)),
  );
  const client = openaiClient(caller.proxyKey);
  const model = 'gpt-4o-transcribe';
  const { data, response } = await client.audio.transcriptions
    .create({ model, file: await recording() })
    .withResponse();
  expect(data.text).toBe('Hello');
  expect(response.headers.get('x-khq-cost-usd')).toBe(speechUsd);
  const types = [];
  const streamed = client.audio.transcriptions.create({ model, file: await recording(), stream: true });
  for await (const { type } of await streamed) types.push(type);
  expect(types).toEqual(['transcript.text.delta', 'transcript.text.done']);
  const row = {
    operation: 'audio.transcriptions',
    input_tokens: 1004,
    output_tokens: 20,
    cost_usd: speechUsd,
  };
  expect(await settledLedger(caller.organizationId)).toMatchObject([row, { ...row, is_stream: true }]);
});

test('[MED4] a model that charges for time is priced by time', async () => {
  const caller = await makeCaller('openai');
  const usage = { type: 'duration', seconds: 90 };
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript({ text: 'Hello', duration: 89.6, usage }));
  const asked = { model: 'whisper-1', file: await recording(), response_format: 'verbose_json' as const };
  await openaiClient(caller.proxyKey).audio.transcriptions.create(asked);
  // 90 / 3600 × 0.36
  expect(await onlySettledCall(caller.organizationId)).toMatchObject({
    usage_source: 'reported',
    cost_usd: '0.0090000000',
    raw_usage: usage,
  });
});

test('[MED5] an answer that does not say what it took is estimated, never free', async () => {
  const caller = await makeCaller('openai');
  await playScripts(
    upstreamUrl,
    caller.upstreamKey,
    jsonScript({ text: 'Hello' }),
    jsonScript({ text: 'Hello' }),
    jsonScript(picture),
  );
  const client = openaiClient(caller.proxyKey);
  // 240 kB are a minute: 60 / 3600 × 0.36, and 1000 tokens at the rate of audio.
  await client.audio.transcriptions.create({ model: 'whisper-1', file: await recording(240_000) });
  await client.audio.transcriptions.create({ model: 'gpt-4o-transcribe', file: await recording(240_000) });
  await client.images.generate({ model: 'gpt-image-1', prompt: 'A cat', quality: 'low', size: '1024x1024' });
  const calls = await settledLedger(caller.organizationId);
  expect(calls.map(({ usage_source }) => usage_source)).toEqual(Array(3).fill('estimated'));
  const costs = calls.map(({ cost_usd }) => Number(cost_usd));
  expect(costs[0]).toBeCloseTo(0.006, 4);
  expect(costs[1]).toBeGreaterThan(0.006);
  expect(costs[2]).toBeGreaterThan(0.01);
});

test('[MED6] what an image will cost is held before it is made', async () => {
  // A picture of high quality takes 6240 tokens of gpt-image-1.5 at $32 a million.
  const caller = await makeCaller('openai', { budgetUsd: '0.19' });
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript({ ...picture, usage: pictureUsage }));
  const ask = (quality: 'low' | 'high') =>
    openaiClient(caller.proxyKey).images.generate(
      { model: 'gpt-image-1.5', prompt: 'A cat', quality, size: '1024x1536' },
      { maxRetries: 2 },
    );
  const error: unknown = await ask('high').catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RateLimitError);
  expect(error).toMatchObject({ type: 'insufficient_quota', code: 'project_spend_limit_exceeded' });
  await ask('low');
  expect((await settledLedger(caller.organizationId)).map(({ status }) => status)).toEqual([
    'refused',
    'succeeded',
  ]);
});

test('[MED7] what has no price, or would not say what it took, is refused by name', async () => {
  const caller = await makeCaller('openai');
  const client = openaiClient(caller.proxyKey);
  const unpriced = client.images.generate({ model: 'dall-e-3', prompt: 'A cat' });
  await expect(unpriced).rejects.toBeInstanceOf(NotFoundError);
  const mute = client.audio.transcriptions.create({
    model: 'whisper-1',
    file: await recording(),
    response_format: 'srt',
  });
  await expect(mute).rejects.toBeInstanceOf(BadRequestError);
  await expect(mute).rejects.toMatchObject({ param: 'response_format' });
  const elsewhere = client.images.generate({ model: 'claude-haiku-4-5', prompt: 'A cat' });
  await expect(elsewhere).rejects.toBeInstanceOf(BadRequestError);
  const form = { 'content-type': 'multipart/form-data; boundary=b' };
  const broken = await postToProxy(caller.proxyKey, '/v1/audio/transcriptions', '--b\r\n', { headers: form });
  expect([broken.status, await broken.json()]).toMatchObject([
    400,
    { error: { type: 'invalid_request_error' } },
  ]);
  expect((await readLedger(caller.organizationId)).map(({ error_code }) => error_code)).toEqual([
    'model_not_found',
    'wrong_endpoint',
  ]);
  expect(await readJournal(upstreamUrl, caller.upstreamKey)).toEqual([]);
});
