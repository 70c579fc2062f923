import { expect, test } from 'vitest';
import { chooseRoute } from './choose-route.ts';

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
  expect(chooseRoute({ model, route: chat })).toMatchObject({ provider: { name: provider }, model: name });
});

test.each([
  ['claude-sonnet-4-5', 'claude-sonnet-4-5'],
  ['anthropic/claude-opus-4-1', 'claude-opus-4-1'],
])('%s goes to anthropic as %s', (model, name) => {
  expect(chooseRoute({ model, route: messages })).toMatchObject({
    provider: { name: 'anthropic' },
    model: name,
  });
});

test.each(['llama-3', 'mistral/large', 'openai/', 'xgpt-4', 'opus', 'o', 'google/gemini'])(
  '%s is not found',
  (model) => {
    expect(() => chooseRoute({ model, route: chat })).toThrowError(
      expect.objectContaining({ code: 'model_not_found' }),
    );
  },
);

test.each([
  ['claude-sonnet-4-5', chat, '/v1/messages'],
  ['gpt-4o', messages, '/v1/chat/completions'],
  ['kimi-k2', messages, '/v1/chat/completions'],
] as const)('%s at the other dialect is told its endpoint', (model, route, endpoint) => {
  expect(() => chooseRoute({ model, route })).toThrowError(
    expect.objectContaining({ code: 'wrong_endpoint', message: expect.stringContaining(endpoint) }),
  );
});
