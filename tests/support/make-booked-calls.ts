import type { BookedModel } from './books-of-calls.ts';
import { makeCaller, type Caller } from './caller.ts';
import { settledLedger, type LedgerRow } from './ledger.ts';
import { anthropicMessage, openaiCompletion } from './provider-answers.ts';
import { paths, postToProxy } from './proxy-request.ts';
import { jsonScript, playScripts } from './upstream-client.ts';

const answers = {
  'gpt-4o': openaiCompletion('gpt-4o-2024-08-06', {
    prompt_tokens: 90_000,
    completion_tokens: 7_000,
    total_tokens: 97_000,
    prompt_tokens_details: { cached_tokens: 40_000 },
  }),
  'claude-haiku-4-5': anthropicMessage('claude-haiku-4-5-20251001', {
    input_tokens: 50_000,
    cache_read_input_tokens: 20_000,
    cache_creation_input_tokens: 3_000,
    cache_creation: { ephemeral_5m_input_tokens: 2_000, ephemeral_1h_input_tokens: 1_000 },
    output_tokens: 9_000,
  }),
} as const;

/** Calls of now, through the proxy, of an organization of their own; the stand-in answers each with the same tokens. */
export async function makeBookedCalls(
  upstreamUrl: string,
  model: BookedModel,
  count: number,
): Promise<{ caller: Caller; rows: LedgerRow[] }> {
  const isOpenAi = model === 'gpt-4o';
  const caller = await makeCaller(isOpenAi ? 'openai' : 'anthropic');
  await playScripts(upstreamUrl, caller.upstreamKey, jsonScript(answers[model]));
  const body = JSON.stringify({ model, max_tokens: 9_000, messages: [] });
  const path = isOpenAi ? paths.openai : paths.anthropic;
  for (let made = 0; made < count; made += 1) {
    const response = await postToProxy(caller.proxyKey, path, body);
    const text = await response.text();
    if (!response.ok) throw new Error(text);
  }
  return { caller, rows: await settledLedger(caller.organizationId) };
}
