import type { Provider } from '../../supabase/functions/_shared/contracts/gateway.ts';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeCaller, type Caller } from '../support/caller.ts';
import { readBalance, settledLedger, type LedgerRow } from '../support/ledger.ts';
import { libraryPrice, type Tokens } from '../support/library-price.ts';
import {
  anthropicEvents,
  anthropicMessage,
  doneEvent,
  encodeEvents,
  openaiChunks,
  openaiCompletion,
  openaiUsageChunk,
  type AnthropicUsage,
} from '../support/provider-answers.ts';
import { paths, postToProxy } from '../support/proxy-request.ts';
import { jsonScript, playScripts, readUpstreamUrl, streamScript } from '../support/upstream-client.ts';

const few = { input: 1, output: 1 };
const plain = { input: 12_345, output: 678 };
const cached = { input: 12_345, read: 10_240, output: 678 };
const allCached = { input: 4096, read: 4096, output: 3 };
const thinking = { input: 333, output: 9001, reasoning: 8888 };
const written = { input: 9000, write5m: 7001, output: 11 };
const readAndWritten = { input: 9999, read: 5555, write5m: 3333, output: 777 };
const writtenLong = { input: 9000, write1h: 7001, output: 11 };
const everything = {
  input: 123_457,
  read: 100_001,
  write5m: 1_003,
  write1h: 20_011,
  output: 4_097,
  reasoning: 99,
};
const nothingOut = { input: 77, output: 0 };
/** The last input that costs the base rates and the first that costs the long context's, in all classes. */
const around = (threshold: number, more: Omit<Tokens, 'input' | 'output'>): Tokens[] =>
  [threshold - 1, threshold, threshold + 1].map((input) => ({ input, output: 1234, ...more }));

const combinations: Record<Provider, Record<string, Tokens[]>> = {
  openai: {
    'gpt-4o': [few, plain, cached, allCached],
    'gpt-4o-2024-08-06': [cached],
    'gpt-4o-mini': [few, cached, nothingOut],
    'gpt-4.1-nano': [cached],
    'gpt-4-turbo': [plain],
    // No rate for cached tokens: they cost what input does.
    'gpt-4': [cached],
    'gpt-5': [plain, cached, thinking],
    'gpt-5-mini': [few, allCached, thinking],
    'gpt-5-pro': [thinking],
    o3: [plain, cached, thinking],
    'o4-mini': [thinking],
    'gpt-5.4': [cached, written, ...around(271_999, { read: 200_000 })],
    'gpt-5.6-sol': [written, readAndWritten, ...around(271_999, { read: 100_000, write5m: 100_000 })],
    'gpt-5.6-terra': [readAndWritten],
    'gpt-6-luna': [few, readAndWritten, ...around(272_000, { read: 3, write5m: 5, reasoning: 7 })],
    'ft:gpt-4o-mini-2024-07-18:acme::1': [plain],
    'text-embedding-3-small': [
      { input: 1, output: 0 },
      { input: 8191, output: 0 },
    ],
    'text-embedding-3-large': [{ input: 1_000_003, output: 0 }],
  },
  anthropic: {
    'claude-haiku-4-5': [few, plain, cached, written, writtenLong, everything],
    'claude-haiku-4-5-20251001': [everything],
    'claude-3-5-haiku-20241022': [everything],
    'claude-3-haiku-20240307': [written, everything],
    'claude-opus-4-1': [thinking, writtenLong],
    'claude-opus-4-5': [cached, everything, nothingOut],
    // These two lost their long-context rates on a day in 2026.
    'claude-opus-4-6': [everything, { input: 250_000, write1h: 200_000, output: 10 }],
    'claude-sonnet-4-6': [everything, { input: 250_000, read: 200_000, output: 10 }],
    'claude-sonnet-4-5-20250929': [
      everything,
      ...around(200_000, { read: 50_000, write5m: 50_001, write1h: 50_002 }),
    ],
    'claude-fable-5-1': [everything],
    'claude-opus-5-5': [everything],
    'claude-sonnet-5': [everything, thinking],
  },
  moonshot: {
    'kimi-k2-0905-preview': [plain, cached],
    'kimi-k2-thinking-turbo': [thinking],
    'kimi-k2.6': [few, cached, allCached],
    'kimi-k3': [cached],
    'moonshot-v1-8k': [cached],
  },
};

let upstreamUrl: string;
const callers = new Map<Provider, Caller>();
beforeAll(async () => {
  upstreamUrl = readUpstreamUrl();
  for (const provider of ['openai', 'anthropic', 'moonshot'] as const) {
    callers.set(provider, await makeCaller(provider, { budgetUsd: '100000' }));
  }
});

function callerOf(provider: Provider): Caller {
  const caller = callers.get(provider);
  if (caller === undefined) throw new Error('The callers were not made.');
  return caller;
}

const openaiUsage = ({ input, read, write5m, output, reasoning }: Tokens) => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
  ...((read !== undefined || write5m !== undefined) && {
    prompt_tokens_details: {
      ...(read !== undefined && { cached_tokens: read }),
      ...(write5m !== undefined && { cache_write_tokens: write5m }),
    },
  }),
  ...(reasoning !== undefined && { completion_tokens_details: { reasoning_tokens: reasoning } }),
});

function anthropicUsage({
  input,
  read = 0,
  write5m = 0,
  write1h = 0,
  output,
  reasoning = 0,
}: Tokens): AnthropicUsage {
  return {
    input_tokens: input - read - write5m - write1h,
    cache_read_input_tokens: read,
    cache_creation_input_tokens: write5m + write1h,
    cache_creation: { ephemeral_5m_input_tokens: write5m, ephemeral_1h_input_tokens: write1h },
    output_tokens: output,
    output_tokens_details: { thinking_tokens: reasoning },
  };
}

/** Has upstream report these tokens, streamed or not, and answers the ledger's row of the call. */
async function record(
  provider: Provider,
  model: string,
  tokens: Tokens,
  isStream: boolean,
): Promise<LedgerRow> {
  const { proxyKey, upstreamKey, organizationId } = callerOf(provider);
  const isAnthropic = provider === 'anthropic';
  const plainAnswer = isAnthropic
    ? anthropicMessage(model, anthropicUsage(tokens))
    : openaiCompletion(model, openaiUsage(tokens));
  const events = isAnthropic
    ? anthropicEvents(model, anthropicUsage(tokens), [])
    : [...openaiChunks(model, []), openaiUsageChunk(model, openaiUsage(tokens)), doneEvent];
  await playScripts(
    upstreamUrl,
    upstreamKey,
    isStream ? streamScript(encodeEvents(events)) : jsonScript(plainAnswer),
  );

  const isEmbedding = model.startsWith('text-embedding');
  const path = isEmbedding ? '/v1/embeddings' : paths[isAnthropic ? 'anthropic' : 'openai'];
  const body = isEmbedding
    ? { model, input: 'Hi' }
    : { model, stream: isStream, max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] };
  const response = await postToProxy(proxyKey, path, JSON.stringify(body));
  expect(await response.text()).not.toContain('"error"');
  const id = response.headers.get('x-request-id');
  const call = (await settledLedger(organizationId)).find(({ request_id }) => request_id === id);
  if (call === undefined) throw new Error('The call is not in the ledger.');
  const costUsd = response.headers.get('x-khq-cost-usd');
  expect(costUsd).toBe(isStream ? null : call.cost_usd);
  return call;
}

const cases = Object.entries(combinations).flatMap(([provider, models]) =>
  Object.entries(models).flatMap(([model, list]) => list.map((tokens) => ({ provider, model, tokens }))),
);

describe("[MON1] the ledger has the price library's cost to the tenth decimal", () => {
  test('for at least sixty combinations', () => expect(cases.length).toBeGreaterThanOrEqual(60));

  test.each(
    cases.map((each, index) => ({ ...each, isStream: index % 2 === 1 && !each.model.startsWith('text-') })),
  )('$model $tokens', async ({ provider, model, tokens, isStream }) => {
    const name = provider === 'anthropic' || provider === 'moonshot' ? provider : 'openai';
    const call = await record(name, model, tokens, isStream);
    expect(call).toMatchObject({
      usage_source: 'reported',
      input_tokens: tokens.input,
      cache_read_tokens: tokens.read ?? 0,
      cache_write_5m_tokens: tokens.write5m ?? 0,
      cache_write_1h_tokens: tokens.write1h ?? 0,
      output_tokens: tokens.output,
      reasoning_tokens: tokens.reasoning ?? 0,
    });
    expect(call.cost_usd).not.toBeNull();
    expect(call.cost_usd).toBe(libraryPrice(name, model, tokens));
  });

  test("[MON2] and the counter and the rollups have the ledger's sum", async () => {
    for (const { organizationId } of callers.values()) {
      const balance = await readBalance(organizationId);
      expect(balance.spent_usd).toBe(balance.ledger_usd);
      expect(balance.rollups_usd).toBe(balance.ledger_usd);
      expect(balance).toMatchObject({ held_usd: '0.0000000000', open_calls: 0 });
    }
  });
});
