import { beforeAll, expect, test } from 'vitest';
import { addBudget } from '../support/add-budget.ts';
import { makeCaller, type Caller } from '../support/caller.ts';
import {
  anthropicEvents,
  doneEvent,
  encodeEvents,
  openaiChunks,
  openaiCompletion,
  openaiUsageChunk,
} from '../support/provider-answers.ts';
import { anthropicClient, openaiClient } from '../support/sdk.ts';
import { setRateLimit } from '../support/set-rate-limit.ts';
import { jsonScript, playScripts, readUpstreamUrl, streamScript } from '../support/upstream-client.ts';

let upstreamUrl: string;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});

const models = { openai: 'gpt-4o', anthropic: 'claude-opus-4-5' } as const;
const usage = { prompt_tokens: 8, completion_tokens: 20, total_tokens: 28 };
const ask = { max_tokens: 1000, messages: [{ role: 'user' as const, content: 'Hello' }] };

/** Each makes one call to its end, as its client sees it. */
const ways = {
  plain: {
    dialect: 'openai',
    script: jsonScript(openaiCompletion(models.openai, usage)),
    call: async ({ proxyKey }: Caller) => {
      await openaiClient(proxyKey).chat.completions.create({ ...ask, model: models.openai });
    },
  },
  'streamed by OpenAI': {
    dialect: 'openai',
    script: streamScript(
      encodeEvents([
        ...openaiChunks(models.openai, [{ content: 'Hello' }]),
        openaiUsageChunk(models.openai, usage),
        doneEvent,
      ]),
    ),
    call: async ({ proxyKey }: Caller) => {
      await openaiClient(proxyKey)
        .chat.completions.stream({ ...ask, model: models.openai })
        .finalContent();
    },
  },
  'streamed by Anthropic': {
    dialect: 'anthropic',
    script: streamScript(
      encodeEvents(
        anthropicEvents(models.anthropic, { input_tokens: 8, output_tokens: 20 }, [
          { type: 'text_delta', text: 'Hello' },
        ]),
      ),
    ),
    call: async ({ proxyKey }: Caller) => {
      await anthropicClient(proxyKey)
        .messages.stream({ ...ask, model: models.anthropic })
        .finalText();
    },
  },
} as const;

/** Room for one call of a thousand tokens at a time, and not for two. */
const bounds = {
  'one call at once': (caller: Caller) => setRateLimit(caller, { max_open_calls: 1 }),
  'tokens for one and a half': (caller: Caller) => setRateLimit(caller, { tokens_per_minute: 1_500 }),
  'a budget for one and a half': async (caller: Caller, outputUsd: number) => {
    await addBudget(caller, { limit_usd: outputUsd * 1500 });
  },
};
const outputUsd = { openai: 10 / 1e6, anthropic: 25 / 1e6 } as const;

const cases = Object.entries(ways).flatMap(([name, way]) =>
  Object.entries(bounds).map(([bound, limit]) => ({ name, way, bound, limit })),
);

test.each(cases)(
  '[ONE1] with $bound, calls one after the other, $name, never meet one of their own that is over',
  async ({ way, limit }) => {
    const caller = await makeCaller(way.dialect);
    await playScripts(upstreamUrl, caller.upstreamKey, way.script);
    await limit(caller, outputUsd[way.dialect]);
    for (let made = 0; made < 8; made++) await expect(way.call(caller)).resolves.toBeUndefined();
  },
);

test('[ONE2] … nor one that failed', async () => {
  const caller = await makeCaller('openai');
  const broken = { error: { message: 'Too long', type: 'invalid_request_error' } };
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(broken, 400));
  await setRateLimit(caller, { max_open_calls: 1 });
  for (let made = 0; made < 8; made++)
    await expect(ways.plain.call(caller)).rejects.toMatchObject({ status: 400 });
});
