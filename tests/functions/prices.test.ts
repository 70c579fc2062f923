import { beforeAll, describe, expect, test } from 'vitest';
import { makeCaller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { settledLedger } from '../support/ledger.ts';
import { libraryPrice } from '../support/library-price.ts';
import { anthropicMessage, openaiCompletion } from '../support/provider-answers.ts';
import { paths, postToProxy } from '../support/proxy-request.ts';
import { jsonScript, playScripts, readUpstreamUrl } from '../support/upstream-client.ts';

const everything = { input: 123_457, read: 100_001, write5m: 1003, write1h: 20_011, output: 4097 };

let upstreamUrl: string;
beforeAll(() => {
  upstreamUrl = readUpstreamUrl();
});

describe("[MON3] a call costs what its day's price was", () => {
  const days = [
    ['openai', 'o3', '2025-06-09T23:59:59Z'],
    ['openai', 'o3', '2025-06-10T00:00:00Z'],
    ['openai', 'gpt-5.6-luna', '2026-07-29T23:59:59Z'],
    ['openai', 'gpt-5.6-luna', '2026-07-30T00:00:00Z'],
    ['openai', 'gpt-5.6-sol', '2026-08-20T12:00:00Z'],
    ['openai', 'gpt-5.6-sol', '2026-08-21T00:00:00Z'],
    ['anthropic', 'claude-opus-4-6', '2026-03-12T23:59:59Z'],
    ['anthropic', 'claude-opus-4-6', '2026-03-13T00:00:00Z'],
    ['anthropic', 'claude-sonnet-4-6', '2026-03-12T23:59:59Z'],
  ] as const;
  test.each(days)('%s %s at %s', async (provider, model, at) => {
    for (const tokens of [everything, { ...everything, input: 500_000 }]) {
      const { input, read, write5m, write1h, output } = tokens;
      const [row] = await operatorSql()`
        select private.price_usage(private.find_model_price(${provider}, ${model}, 'standard', ${at}::timestamptz),
          row(${input}, ${read}, ${write5m}, ${write1h}, ${output})::private.token_usage)::text as cost_usd`;
      expect(row?.['cost_usd']).toBe(libraryPrice(provider, model, tokens, new Date(at)));
    }
  });
});

describe('where the price library cannot say', () => {
  test("[MON4] Moonshot's top-level cached_tokens are a part of the prompt at the cache's rate", async () => {
    const { proxyKey, upstreamKey, organizationId } = await makeCaller('moonshot');
    const usage = { prompt_tokens: 1000, completion_tokens: 10, total_tokens: 1010, cached_tokens: 900 };
    await playScripts(upstreamUrl, upstreamKey, jsonScript(openaiCompletion('kimi-k2.6', usage)));
    const body = JSON.stringify({ model: 'kimi-k2.6', messages: [] });
    const response = await postToProxy(proxyKey, paths.openai, body);
    // (100 × 0.95 + 900 × 0.16 + 10 × 4) / 1,000,000
    expect(response.headers.get('x-khq-cost-usd')).toBe('0.0002790000');
    expect((await settledLedger(organizationId))[0]?.cache_read_tokens).toBe(900);
  });

  test('[MON5] cache writes without a stated life cost what five minutes do', async () => {
    const { proxyKey, upstreamKey } = await makeCaller('anthropic');
    const usage = { input_tokens: 10, cache_creation_input_tokens: 1000, output_tokens: 1 };
    await playScripts(upstreamUrl, upstreamKey, jsonScript(anthropicMessage('claude-haiku-4-5', usage)));
    const body = JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 9, messages: [] });
    const response = await postToProxy(proxyKey, paths.anthropic, body);
    // (10 × 1 + 1000 × 1.25 + 1 × 5) / 1,000,000
    expect(response.headers.get('x-khq-cost-usd')).toBe('0.0012650000');
  });

  test('[MON6] the service tier of the answer decides; one without a price of its own costs what standard does', async () => {
    await operatorSql()`
      insert into public.model_prices (provider, model, service_tier, valid_from, input_usd_per_mtok, output_usd_per_mtok, source)
      values ('openai', 'gpt-4-32k', 'flex', '1970-01-01Z', 30, 60, 'test') on conflict do nothing`;
    const { proxyKey, upstreamKey } = await makeCaller('openai');
    const usage = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 };
    const costs = [];
    for (const service_tier of ['flex', 'default', 'priority', null]) {
      const answer = { ...openaiCompletion('gpt-4-32k', usage), service_tier };
      await playScripts(upstreamUrl, upstreamKey, jsonScript(answer));
      const body = JSON.stringify({ model: 'gpt-4-32k', messages: [] });
      costs.push((await postToProxy(proxyKey, paths.openai, body)).headers.get('x-khq-cost-usd'));
    }
    // (1000 × 30 + 100 × 60) / 1,000,000, and otherwise (1000 × 60 + 100 × 120) / 1,000,000
    expect(costs).toEqual(['0.0360000000', '0.0720000000', '0.0720000000', '0.0720000000']);
  });

  test('[MON7] a model without a price is flagged where the organization allows it, never free', async () => {
    const { proxyKey, upstreamKey, organizationId, owner } = await makeCaller('openai');
    await owner.db
      .from('organizations')
      .update({ allows_unpriced_models: true })
      .eq('id', organizationId)
      .throwOnError();
    const usage = { prompt_tokens: 1000, completion_tokens: 10, total_tokens: 1010 };
    await playScripts(upstreamUrl, upstreamKey, jsonScript(openaiCompletion('gpt-99', usage)));
    const body = JSON.stringify({ model: 'gpt-99', messages: [] });
    const response = await postToProxy(proxyKey, paths.openai, body);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-khq-cost-usd')).toBeNull();
    expect(await settledLedger(organizationId)).toMatchObject([
      { status: 'succeeded', cost_usd: null, input_tokens: 1000, output_tokens: 10, raw_usage: usage },
    ]);
  });
});
