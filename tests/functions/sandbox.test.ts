import { expect, test } from 'vitest';
import { makeCaller, type Caller } from '../support/caller.ts';
import { settledLedger } from '../support/ledger.ts';
import { anthropicClient, openaiClient } from '../support/sdk.ts';

const openaiModel = 'gpt-5-mini';
const anthropicModel = 'claude-haiku-4-5';
const messages = [{ role: 'user' as const, content: 'What is a sandbox?' }];

async function makeSandboxCaller(): Promise<Caller> {
  const caller = await makeCaller(null);
  await caller.owner.db.rpc('enable_sandbox', { organization_id: caller.organizationId }).throwOnError();
  return caller;
}

test('[SBX1] without any provider key the sandbox answers every OpenAI call, priced and marked', async () => {
  const { proxyKey, organizationId } = await makeSandboxCaller();
  const client = openaiClient(proxyKey);
  const plain = await client.chat.completions.create({ model: openaiModel, messages });
  expect(plain.choices[0]?.message.content).toContain('sandbox');
  const text = await client.chat.completions.stream({ model: openaiModel, messages }).finalContent();
  expect(text).toContain('What is a sandbox?');
  const parameters = { type: 'object', properties: { city: { type: 'string' } } };
  const tools = [{ type: 'function' as const, function: { name: 'weather', parameters } }];
  const called = await client.chat.completions.create({ model: openaiModel, messages, tools });
  expect(called.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: 'weather' } });
  const kimi = await client.chat.completions.create({ model: 'kimi-k2.6', messages });
  expect(kimi.choices[0]?.message.content).toContain('kimi-k2.6');
  const embedded = await client.embeddings.create({ model: 'text-embedding-3-small', input: 'Hi' });
  expect(embedded.data[0]?.embedding.length).toBeGreaterThan(100);

  const calls = await settledLedger(organizationId);
  const priced = { status: 'succeeded', usage_source: 'reported', is_sandbox: true };
  expect(calls).toMatchObject([priced, priced, priced, priced, priced]);
  expect(calls.every(({ cost_usd }) => Number(cost_usd) > 0)).toBe(true);
});

test("[SBX2] and every one of Anthropic's", async () => {
  const { proxyKey, organizationId } = await makeSandboxCaller();
  const client = anthropicClient(proxyKey);
  const request = { model: anthropicModel, max_tokens: 200, messages };
  const plain = await client.messages.create(request);
  expect(plain.content[0]).toMatchObject({ type: 'text', text: expect.stringContaining('sandbox') });
  expect(await client.messages.stream(request).finalText()).toContain('What is a sandbox?');
  const tools = [{ name: 'weather', input_schema: { type: 'object' as const, properties: {} } }];
  const called = await client.messages.stream({ ...request, tools }).finalMessage();
  expect(called.content).toContainEqual(expect.objectContaining({ type: 'tool_use', name: 'weather' }));
  const counted = await client.messages.countTokens({ model: anthropicModel, messages });
  expect(counted.input_tokens).toBeGreaterThan(0);

  const calls = await settledLedger(organizationId);
  const priced = { status: 'succeeded', usage_source: 'reported', is_sandbox: true };
  expect(calls).toMatchObject([priced, priced, priced, { ...priced, operation: 'count_tokens' }]);
  expect(calls.slice(0, 3).every(({ cost_usd }) => Number(cost_usd) > 0)).toBe(true);
});

test('[SBX3] its models are those of every provider', async () => {
  const { proxyKey } = await makeSandboxCaller();
  const owners = new Set<string>();
  for await (const { owned_by } of openaiClient(proxyKey).models.list()) owners.add(owned_by);
  expect(owners).toEqual(new Set(['openai', 'anthropic', 'moonshot']));
  const claude = await anthropicClient(proxyKey).models.retrieve(anthropicModel);
  expect(claude.id).toBe(anthropicModel);
});
