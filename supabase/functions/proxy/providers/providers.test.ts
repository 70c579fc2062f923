import { expect, test } from 'vitest';
import { readEvent } from '../read-event.ts';
import { splitEvents } from '../split-events.ts';
import { createTally, estimateOutputTokens, type Tally } from '../tally.ts';
import {
  anthropicStream,
  moonshotStream,
  moonshotTwoChoices,
  openaiBeginning,
  openaiStream,
  openaiTexts,
  openaiUsage,
  responseStream,
  responseUsage,
} from '../testing/recordings.ts';
import { anthropic } from './anthropic.ts';
import { moonshot } from './moonshot.ts';
import { openai } from './openai.ts';
import type { Provider } from './provider.ts';

function play(provider: Provider, stream: string): Tally {
  const tally = createTally();
  const events = splitEvents((data) => readEvent(provider, tally, false, data));
  events.push(new TextEncoder().encode(stream));
  events.flush();
  return tally;
}

function usageOf(provider: Provider, { rawUsage }: Tally) {
  return rawUsage === null ? null : provider.readUsage(rawUsage);
}

const none = {
  cache_read_tokens: 0,
  cache_write_5m_tokens: 0,
  cache_write_1h_tokens: 0,
  reasoning_tokens: 0,
  service_tier: null,
};

test('OpenAI: usage comes from the chunk that was asked for; cache and reasoning are parts of it', () => {
  const tally = play(openai, openaiStream);
  expect(tally).toMatchObject({ usageIsFinal: true, ended: true, closed: true, errorCode: null });
  expect(tally).toMatchObject({
    servedModel: 'gpt-4o-2024-08-06',
    serviceTier: 'default',
    rawUsage: openaiUsage,
  });
  expect(usageOf(openai, tally)).toEqual({
    input_tokens: 1200,
    cache_read_tokens: 1000,
    cache_write_5m_tokens: 100,
    cache_write_1h_tokens: 0,
    output_tokens: 345,
    reasoning_tokens: 300,
    service_tier: null,
  });
});

test('OpenAI: without usage the pieces of output are what an estimate rests on', () => {
  const tally = play(openai, openaiBeginning);
  expect(tally).toMatchObject({
    usageIsFinal: false,
    ended: true,
    closed: false,
    pieces: openaiTexts.length,
  });
  expect(tally.pieceBytes).toBe(new TextEncoder().encode(openaiTexts.join('')).length);
  expect(estimateOutputTokens(tally)).toBe(5);
});

test('OpenAI: of several choices the answer is whole when each that began is at its end', () => {
  const tally = createTally();
  const choose = (index: number, finish_reason: string | null): boolean => {
    openai.readEvent({ choices: [{ index, delta: {}, finish_reason }] }, tally);
    return tally.ended;
  };
  expect([choose(0, null), choose(1, null), choose(0, 'stop')]).toEqual([false, false, false]);
  // What a provider may send behind a choice's end does not begin it again.
  expect([choose(1, 'length'), choose(0, null)]).toEqual([true, true]);
});

test('OpenAI: what is said, called and spoken is output, however it is spelled', () => {
  const tally = createTally();
  const deltas = [
    { function_call: { name: 'look', arguments: '{}' } },
    { tool_calls: [{ index: 0, type: 'custom', custom: { name: 'run', input: 'ls' } }] },
    { audio: { id: 'a-1', transcript: 'Hello', data: 'AAAA' } },
  ];
  for (const delta of deltas) openai.readEvent({ choices: [{ index: 0, delta }] }, tally);
  expect(tally).toMatchObject({ pieces: 5, pieceBytes: 'look{}runlsHello'.length });
});

test('OpenAI: an embeddings answer has input only', () => {
  expect(openai.readUsage({ prompt_tokens: 8, total_tokens: 8 })).toEqual({
    ...none,
    input_tokens: 8,
    output_tokens: 0,
  });
});

test('OpenAI: an error in the stream is seen', () => {
  const tally = play(openai, 'data: {"error":{"message":"x","type":"server_error","code":null}}\n\n');
  expect(tally.errorCode).toBe('server_error');
});

test('Anthropic: input and cache classes come from the start, cumulative output from the end', () => {
  const tally = play(anthropic, anthropicStream);
  expect(tally).toMatchObject({ usageIsFinal: true, ended: true, closed: true });
  expect(tally.servedModel).toBe('claude-sonnet-4-5-20250929');
  expect(usageOf(anthropic, tally)).toEqual({
    input_tokens: 2310,
    cache_read_tokens: 2000,
    cache_write_5m_tokens: 100,
    cache_write_1h_tokens: 200,
    output_tokens: 77,
    reasoning_tokens: 12,
    service_tier: 'standard',
  });
});

test('Anthropic: cut before its end, the placeholder of one output token is not final', () => {
  const tally = play(anthropic, anthropicStream.slice(0, anthropicStream.indexOf('event: message_delta')));
  expect(tally.usageIsFinal).toBe(false);
  expect(usageOf(anthropic, tally)?.input_tokens).toBe(2310);
  expect(estimateOutputTokens(tally)).toBeGreaterThan(5);
});

test('Anthropic: cache writes without a stated life count as short', () => {
  const usage = {
    input_tokens: 5,
    cache_creation_input_tokens: 40,
    cache_read_input_tokens: null,
    output_tokens: 2,
  };
  expect(anthropic.readUsage(usage)).toEqual({
    ...none,
    input_tokens: 45,
    cache_write_5m_tokens: 40,
    output_tokens: 2,
  });
});

test('Anthropic: what a compaction took is added, which the counts at the top leave out', () => {
  const compaction = {
    type: 'compaction',
    input_tokens: 150_000,
    cache_read_input_tokens: 20,
    output_tokens: 900,
  };
  const turn = { type: 'message', input_tokens: 5, output_tokens: 2 };
  const usage = { input_tokens: 5, output_tokens: 2, iterations: [compaction, turn] };
  expect(anthropic.readUsage(usage)).toEqual({
    ...none,
    input_tokens: 150_025,
    cache_read_tokens: 20,
    output_tokens: 902,
  });
  expect(anthropic.readUsage({ ...usage, iterations: [{ type: 'compaction' }] })).toBeNull();
});

test('Anthropic: a plain answer carries final usage, an error its type', () => {
  const tally = createTally();
  anthropic.readAnswer({ type: 'message', model: 'm', usage: { input_tokens: 3, output_tokens: 4 } }, tally);
  expect(tally).toMatchObject({ usageIsFinal: true, ended: true, errorCode: null });
  const failed = play(
    anthropic,
    'event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n',
  );
  expect(failed.errorCode).toBe('overloaded_error');
});

test('Moonshot: usage stands in the finishing choice, its cached tokens beside it', () => {
  const tally = play(moonshot, moonshotStream);
  expect(tally.usageIsFinal).toBe(true);
  expect(usageOf(moonshot, tally)).toEqual({
    ...none,
    input_tokens: 30,
    cache_read_tokens: 12,
    output_tokens: 9,
  });
  expect(tally.pieces).toBe(2);
});

test('Moonshot: two choices share one prompt, and their completions add up', () => {
  const tally = play(moonshot, moonshotTwoChoices);
  expect(usageOf(moonshot, tally)).toEqual({
    ...none,
    input_tokens: 30,
    cache_read_tokens: 12,
    output_tokens: 19,
  });
});

test('Moonshot: counts of one choice are not the last while another goes on', () => {
  const begins = 'data: {"choices":[{"index":1,"delta":{"content":"Hm"},"finish_reason":null}]}\n\n';
  const [first = '', second = ''] = moonshotTwoChoices.split(/(?<=\n\n)/);
  for (const cut of [begins + first, first + begins]) {
    expect(play(moonshot, cut)).toMatchObject({ ended: false, usageIsFinal: false });
    expect(play(moonshot, cut + second)).toMatchObject({ ended: true, usageIsFinal: true });
  }
});

test('Moonshot: usage at the top wins over that of choices, before or after it', () => {
  const top = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 31, completion_tokens: 20, total_tokens: 51 } })}\n\n`;
  for (const stream of [moonshotTwoChoices + top, top + moonshotTwoChoices]) {
    expect(usageOf(moonshot, play(moonshot, stream))).toEqual({
      ...none,
      input_tokens: 31,
      output_tokens: 20,
    });
  }
});

test.each([
  ['cache_write_tokens', { cache_write_tokens: 7 }],
  ['cache_creation_input_tokens', { cache_creation_input_tokens: 7 }],
  ['cache_creation_tokens', { cache_creation_tokens: 7 }],
])('Moonshot: %s counts as written', (_name, field) => {
  const usage = { prompt_tokens: 30, completion_tokens: 1, ...field };
  expect(moonshot.readUsage(usage)?.cache_write_5m_tokens).toBe(7);
});

test.each([
  [openai, { prompt_tokens: -1, completion_tokens: 1 }],
  [openai, { prompt_tokens: 1.5, completion_tokens: 1 }],
  [openai, { prompt_tokens: '7', completion_tokens: 1 }],
  [openai, { completion_tokens: 1 }],
  [openai, { prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 11 } }],
  [openai, { prompt_tokens: 1e300, completion_tokens: 1 }],
  [moonshot, { choices: [{ index: 0, prompt_tokens: 3, completion_tokens: null }] }],
  [anthropic, { input_tokens: null, output_tokens: 1 }],
  [anthropic, { input_tokens: 1, output_tokens: -5 }],
  [
    anthropic,
    { input_tokens: 1, cache_creation_input_tokens: 1, cache_creation: { ephemeral_1h_input_tokens: 2 } },
  ],
])('usage that contradicts itself is no usage (%#)', (provider, usage) => {
  expect(provider.readUsage(usage)).toBeNull();
});

test.each(['completed', 'incomplete', 'failed'] as const)(
  "OpenAI: a response that is %s has its usage in that event, and its output's pieces before",
  (ending) => {
    const tally = play(openai, responseStream(ending));
    expect(tally).toMatchObject({
      usageIsFinal: true,
      ended: true,
      closed: true,
      lastSequence: 8,
      servedModel: 'gpt-5-mini-2025-08-07',
      serviceTier: 'default',
      pieces: 4,
      errorCode: ending === 'failed' ? 'server_error' : null,
    });
    expect(usageOf(openai, tally)).toEqual({
      input_tokens: responseUsage.input_tokens,
      cache_read_tokens: 1000,
      cache_write_5m_tokens: 100,
      cache_write_1h_tokens: 0,
      output_tokens: 345,
      reasoning_tokens: 300,
      service_tier: null,
    });
  },
);

test.each([
  [{ type: 'error', code: 'server_error', message: 'no', param: null, sequence_number: 3 }, 'server_error'],
  [{ type: 'error', error: { type: 'rate_limit', code: null, message: 'no' } }, 'rate_limit'],
  [{ type: 'error', message: 'no' }, 'upstream_error'],
])('OpenAI: an error event of a response, %j, is %s', (event, code) => {
  const tally = createTally();
  openai.readEvent(event, tally);
  expect(tally).toMatchObject({ errorCode: code, ended: false, closed: false });
});

test.each([
  [
    'a picture',
    { input_tokens: 50, input_tokens_details: { text_tokens: 10, image_tokens: 40 }, output_tokens: 272 },
    { input_image_tokens: 40, output_image_tokens: 272 },
  ],
  [
    'a picture and words',
    {
      input_tokens: 50,
      input_tokens_details: { text_tokens: 50, image_tokens: 0 },
      output_tokens: 300,
      output_tokens_details: { image_tokens: 272, text_tokens: 28 },
    },
    { output_image_tokens: 272 },
  ],
  [
    'a transcript',
    {
      type: 'tokens',
      input_tokens: 14,
      input_token_details: { text_tokens: 4, audio_tokens: 10 },
      output_tokens: 9,
    },
    { input_audio_tokens: 10 },
  ],
  [
    'a transcript that does not say',
    { type: 'tokens', input_tokens: 14, output_tokens: 9 },
    { input_audio_tokens: 14 },
  ],
  [
    'a chat with sound',
    {
      prompt_tokens: 20,
      prompt_tokens_details: { audio_tokens: 8 },
      completion_tokens: 9,
      completion_tokens_details: { audio_tokens: 5 },
    },
    { input_audio_tokens: 8, output_audio_tokens: 5 },
  ],
  ['time', { type: 'duration', seconds: 9.5 }, { seconds: 9.5 }],
  ['a chat', openaiUsage, undefined],
])('OpenAI: what of %s is not text', (_name, usage, media) => {
  expect(openai.readUsage(usage)?.media).toEqual(media);
});

test('OpenAI: a transcript is over with its last event, pictures only when the stream is', () => {
  const usage = { type: 'tokens', input_tokens: 14, output_tokens: 9 };
  const transcript = createTally();
  openai.readEvent({ type: 'transcript.text.delta', delta: 'Hello' }, transcript);
  openai.readEvent({ type: 'transcript.text.done', text: 'Hello', usage }, transcript);
  expect(transcript).toMatchObject({ pieces: 1, rawUsage: usage, ended: true, closed: true });
  const picture = createTally();
  openai.readEvent({ type: 'image_generation.completed', b64_json: 'AA==', usage }, picture);
  expect(picture).toMatchObject({ pieces: 0, rawUsage: usage, ended: true, closed: false });
});
