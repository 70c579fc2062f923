import { beforeAll, describe, expect, test } from 'vitest';
import { makeCaller, type Caller } from '../support/caller.ts';
import { onlySettledCall, settledLedger } from '../support/ledger.ts';
import {
  anthropicEvents,
  doneEvent,
  encodeEvents,
  moonshotChunks,
  openaiChunks,
  openaiUsageChunk,
  type SseEvent,
} from '../support/provider-answers.ts';
import { paths, postToProxy } from '../support/proxy-request.ts';
import {
  jsonScript,
  playScripts,
  readJournal,
  readUpstreamUrl,
  streamScript,
} from '../support/upstream-client.ts';

const lineEnds = { LF: '\n', CRLF: '\r\n', CR: '\r' } as const;
const texts = ['Grüße, ', '世界 ', '🙂🏳️‍🌈 ', String.raw`"\n\u00e9\/" `, 'the end'];
const openaiUsage = {
  prompt_tokens: 1200,
  completion_tokens: 34,
  total_tokens: 1234,
  prompt_tokens_details: { cached_tokens: 1024 },
  completion_tokens_details: { reasoning_tokens: 12 },
};
const moonshotUsage = { prompt_tokens: 90, completion_tokens: 11, total_tokens: 101, cached_tokens: 32 };
const anthropicUsage = {
  input_tokens: 7,
  cache_creation_input_tokens: 900,
  cache_read_input_tokens: 5000,
  cache_creation: { ephemeral_5m_input_tokens: 300, ephemeral_1h_input_tokens: 600 },
  output_tokens: 55,
  output_tokens_details: { thinking_tokens: 20 },
};

/** `hidden` is the chunk of nothing but usage, which the proxy asks for and keeps to itself. */
type Sample = {
  model: string;
  before: SseEvent[];
  hidden: SseEvent[];
  after: SseEvent[];
  tokens: Record<string, number>;
};

const samples = {
  openai: {
    model: 'gpt-5-mini',
    before: openaiChunks(
      'gpt-5-mini',
      texts.map((content) => ({ content })),
    ),
    hidden: [openaiUsageChunk('gpt-5-mini', openaiUsage)],
    after: [doneEvent],
    tokens: { input_tokens: 1200, cache_read_tokens: 1024, output_tokens: 34, reasoning_tokens: 12 },
  },
  moonshot: {
    model: 'kimi-k2.6',
    before: moonshotChunks('kimi-k2.6', texts, moonshotUsage),
    hidden: [openaiUsageChunk('kimi-k2.6', moonshotUsage)],
    after: [doneEvent],
    tokens: { input_tokens: 90, cache_read_tokens: 32, output_tokens: 11, reasoning_tokens: 0 },
  },
  anthropic: {
    model: 'claude-opus-4-5',
    before: anthropicEvents(
      'claude-opus-4-5',
      anthropicUsage,
      texts.map((text) => ({ type: 'text_delta', text })),
    ),
    hidden: [],
    after: [],
    tokens: {
      input_tokens: 5907,
      cache_read_tokens: 5000,
      cache_write_5m_tokens: 300,
      cache_write_1h_tokens: 600,
      output_tokens: 55,
      reasoning_tokens: 20,
    },
  },
} satisfies Record<string, Sample>;
type ProviderName = keyof typeof samples;
const providers: ProviderName[] = ['openai', 'moonshot', 'anthropic'];

let upstreamUrl: string;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});

/** What a stream may also hold: comments, fields that nobody reads, data without its space, an event of two lines. */
function oddities(lineEnd: string): Uint8Array {
  const lines = [
    ': keep-alive ✓',
    '',
    'id: 7',
    'retry: 3000',
    'data:{"odd":true,',
    'data: "n":1.0}',
    '',
    '',
    '',
  ];
  return new TextEncoder().encode(lines.join(lineEnd));
}

function encode({ before, hidden, after }: Sample, lineEnd: string): { sent: Buffer; unasked: Buffer } {
  const parts = [oddities(lineEnd), encodeEvents(before, lineEnd), encodeEvents(after, lineEnd)] as const;
  const [odd, start, end] = parts;
  return {
    sent: Buffer.concat([odd, start, encodeEvents(hidden, lineEnd), end]),
    unasked: Buffer.concat([odd, start, end]),
  };
}

/** A small generator with a seed, so that a failure can be repeated. */
function* randoms(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

function randomCuts(length: number, seed: number): number[] {
  const random = randoms(seed);
  const cuts = Math.ceil(random.next().value * 60);
  return Array.from({ length: cuts }, () => Math.floor(random.next().value * length));
}

const dialectOf = (provider: ProviderName) => (provider === 'anthropic' ? 'anthropic' : 'openai');

async function streamed(caller: Caller, provider: ProviderName, more: object = {}): Promise<Buffer> {
  const { model } = samples[provider];
  const body = { model, stream: true, max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }], ...more };
  const response = await postToProxy(caller.proxyKey, paths[dialectOf(provider)], JSON.stringify(body));
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

describe.each(providers)('%s', (provider) => {
  const sample: Sample = samples[provider];
  const recorded = { ...sample.tokens, usage_source: 'reported', status: 'succeeded' };

  test.each(Object.entries(lineEnds))(
    '[BYTE1] a stream with %s, cut anywhere, arrives as sent but for the usage chunk that was not asked for',
    async (_, lineEnd) => {
      const caller = await makeCaller(provider);
      const { sent, unasked } = encode(sample, lineEnd);
      const seeds = [1, 2, 3, 4, 5, 6];
      const received = [];
      for (const seed of seeds) {
        await playScripts(upstreamUrl, caller.upstreamKey, streamScript(sent, randomCuts(sent.length, seed)));
        received.push({ seed, text: (await streamed(caller, provider)).toString() });
      }
      expect(received).toEqual(seeds.map((seed) => ({ seed, text: unasked.toString() })));
      expect(await settledLedger(caller.organizationId)).toMatchObject(seeds.map(() => recorded));
    },
  );

  test.each(Object.entries(lineEnds).slice(0, 2))(
    '[BYTE2] so does one with %s that comes byte by byte',
    async (_, lineEnd) => {
      const caller = await makeCaller(provider);
      const { sent, unasked } = encode(sample, lineEnd);
      await playScripts(upstreamUrl, caller.upstreamKey, streamScript(sent, [...sent.keys()]));
      expect((await streamed(caller, provider)).equals(unasked)).toBe(true);
      expect(await onlySettledCall(caller.organizationId)).toMatchObject(recorded);
    },
  );

  test('[BYTE3] cut between each CR and its LF, and inside each character', async () => {
    const caller = await makeCaller(provider);
    const { sent, unasked } = encode(sample, '\r\n');
    const cuts = [...sent.entries()].filter(([, byte]) => byte === 0x0a || (byte & 0xc0) === 0x80);
    await playScripts(
      upstreamUrl,
      caller.upstreamKey,
      streamScript(
        sent,
        cuts.map(([at]) => at),
      ),
    );
    expect((await streamed(caller, provider)).equals(unasked)).toBe(true);
    expect(await onlySettledCall(caller.organizationId)).toMatchObject(recorded);
  });
});

test.each(['openai', 'moonshot'] as const)(
  '[BYTE4] whoever asks %s for usage gets every byte',
  async (provider) => {
    const caller = await makeCaller(provider);
    const { sent } = encode(samples[provider], '\r\n');
    await playScripts(upstreamUrl, caller.upstreamKey, streamScript(sent, randomCuts(sent.length, 7)));
    const received = await streamed(caller, provider, { stream_options: { include_usage: true } });
    expect(received.equals(sent)).toBe(true);
    expect(await onlySettledCall(caller.organizationId)).toMatchObject(samples[provider].tokens);
  },
);

test('[BYTE5] a stream that ends without its last blank line loses nothing', async () => {
  const caller = await makeCaller('openai');
  const whole = encode(samples.openai, '\n').unasked;
  const cut = whole.subarray(0, whole.length - 2);
  await playScripts(upstreamUrl, caller.upstreamKey, streamScript(cut, [cut.length - 3]));
  expect((await streamed(caller, 'openai')).equals(cut)).toBe(true);
});

test('[BYTE6] Moonshot counts per choice: the prompt once, the answers together', async () => {
  const caller = await makeCaller('moonshot');
  const choice = (index: number, completion_tokens: number): SseEvent => ({
    data: JSON.stringify({
      model: 'kimi-k2.6',
      choices: [{ index, delta: {}, finish_reason: 'stop', usage: { ...moonshotUsage, completion_tokens } }],
    }),
  });
  await playScripts(
    upstreamUrl,
    caller.upstreamKey,
    streamScript(encodeEvents([choice(0, 11), choice(1, 30), doneEvent])),
  );
  await streamed(caller, 'moonshot', { n: 2 });
  expect(await onlySettledCall(caller.organizationId)).toMatchObject({
    input_tokens: 90,
    cache_read_tokens: 32,
    output_tokens: 41,
  });
});

test('[BYTE7] a plain answer arrives as sent, its numbers, spaces and escapes untouched', async () => {
  const caller = await makeCaller('openai');
  const sent =
    ' {"id" : 12345678901234567890,\r\n "1":1.0, "0" : -0.10e+2, "text":"\\u00e9\\/é🙂",' +
    '"model":"gpt-5-mini","usage":{"prompt_tokens":5,"completion_tokens":6,"total_tokens":11} }\n\n';
  await playScripts(upstreamUrl, caller.upstreamKey, {
    ...jsonScript(sent),
    headers: { 'content-type': 'application/json', 'x-request-id': 'req_up', 'openai-version': '2020-10-01' },
  });
  const body = JSON.stringify({ model: 'gpt-5-mini', messages: [] });
  const response = await postToProxy(caller.proxyKey, paths.openai, body);
  expect(await response.text()).toBe(sent);
  expect(response.headers.get('openai-version')).toBe('2020-10-01');
  expect(response.headers.get('x-khq-upstream-request-id')).toBe('req_up');
  const call = await onlySettledCall(caller.organizationId);
  expect(call).toMatchObject({ input_tokens: 5, output_tokens: 6, upstream_request_id: 'req_up' });
  expect(response.headers.get('x-request-id')).toBe(call.request_id);
  expect(await readJournal(upstreamUrl, caller.upstreamKey)).toHaveLength(1);
});
