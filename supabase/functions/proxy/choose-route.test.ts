import { expect, test } from 'vitest';
import { chooseRoute, targetOf } from './choose-route.ts';

const chat = { dialect: 'openai', operation: 'chat.completions' } as const;
const messages = { dialect: 'anthropic', operation: 'messages' } as const;

test.each([
  ['gpt-4o', 'openai', 'gpt-4o'],
  ['gpt-5.6-mini', 'openai', 'gpt-5.6-mini'],
  ['chatgpt-4o-latest', 'openai', 'chatgpt-4o-latest'],
  ['o1', 'openai', 'o1'],
  ['o4-mini', 'openai', 'o4-mini'],
  ['codex-mini-latest', 'openai', 'codex-mini-latest'],
  ['computer-use-preview', 'openai', 'computer-use-preview'],
  ['text-embedding-3-small', 'openai', 'text-embedding-3-small'],
  ['davinci-002', 'openai', 'davinci-002'],
  ['babbage-002', 'openai', 'babbage-002'],
  ['ft:gpt-4o-mini:acme::x', 'openai', 'ft:gpt-4o-mini:acme::x'],
  ['openai/whatever-1', 'openai', 'whatever-1'],
  ['openai/gpt-4o', 'openai', 'gpt-4o'],
  ['kimi-k2-0905-preview', 'moonshot', 'kimi-k2-0905-preview'],
  ['moonshot-v1-8k', 'moonshot', 'moonshot-v1-8k'],
  ['moonshot/kimi-latest', 'moonshot', 'kimi-latest'],
])('%s goes to %s as %s', (model, provider, name) => {
  // In OpenAI's dialect any model can be chatted with.
  const providers = ['openai', 'anthropic', 'moonshot'];
  expect(chooseRoute({ model, route: chat })).toEqual({ provider, model: name, providers });
});

test.each([
  ['claude-sonnet-4-5', 'claude-sonnet-4-5'],
  ['anthropic/claude-opus-4-1', 'claude-opus-4-1'],
])('%s goes to anthropic as %s', (model, name) => {
  const providers = ['anthropic'];
  expect(chooseRoute({ model, route: messages })).toEqual({ provider: 'anthropic', model: name, providers });
});

test.each(['llama-3', 'mistral/large', 'openai/', 'xgpt-4', 'opus', 'o', 'google/gemini', 'smart'])(
  'what %s means only an alias can tell',
  (model) => {
    expect(chooseRoute({ model, route: chat })).toMatchObject({ provider: null, model });
  },
);

const candidate = { credential: { id: 'c', ciphertext: null, is_sandbox: true }, model: 'm' };

test('the target is whom the ledger named', () => {
  expect(targetOf({ ...candidate, provider: 'moonshot' }, chat)).toMatchObject({
    provider: { name: 'moonshot' },
    model: 'm',
  });
});

const responses = { dialect: 'openai', operation: 'responses' } as const;

test.each([
  ['openai', messages],
  ['anthropic', responses],
  ['moonshot', responses],
] as const)('a model of %s where it is not served is told where it is', (provider, route) => {
  expect(chooseRoute({ model: 'm', route }).providers).not.toContain(provider);
  expect(() => targetOf({ ...candidate, provider }, route)).toThrowError(
    expect.objectContaining({
      code: 'wrong_endpoint',
      message: expect.stringContaining('/v1/chat/completions'),
    }),
  );
});

test('a chat in the dialect of OpenAI is translated for Claude, and for nobody else', () => {
  const isTranslated = (provider: 'openai' | 'anthropic' | 'moonshot') =>
    targetOf({ ...candidate, provider }, chat).isTranslated;
  expect([isTranslated('anthropic'), isTranslated('openai'), isTranslated('moonshot')]).toEqual([
    true,
    false,
    false,
  ]);
  expect(targetOf({ ...candidate, provider: 'anthropic' }, messages).isTranslated).toBe(false);
});
