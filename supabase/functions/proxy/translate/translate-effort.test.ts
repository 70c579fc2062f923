import { expect, test } from 'vitest';
import { translateEffort } from './translate-effort.ts';

const ask = (model: string, effort: unknown, maxTokens: number | null = null, turn: object = {}) =>
  translateEffort(effort, { model, maxTokens, endsWithToolResult: false, mustCallTool: false, ...turn });
const budget = (budget_tokens: number) => ({ type: 'enabled', budget_tokens });

test.each([
  'claude-sonnet-4-5',
  'claude-opus-4-1-20250805',
  'claude-sonnet-4-20250514',
  'claude-3-7-sonnet-latest',
])('%s gets a budget for its thoughts', (model) => {
  expect(ask(model, 'low')).toEqual({ max_tokens: 10_240, thinking: budget(2048) });
  expect(ask(model, 'none')).toEqual({ max_tokens: 8192 });
  expect(ask(model, undefined)).toEqual({ max_tokens: 8192 });
});

test.each(['claude-opus-4-6', 'claude-sonnet-5', 'claude-haiku-5-5', 'claude-mythos-5'])(
  '%s gets an effort',
  (model) => {
    const thinking = { type: 'adaptive' };
    expect(ask(model, 'minimal')).toEqual({ max_tokens: 9216, thinking, effort: 'low' });
    expect(ask(model, 'max', 99)).toEqual({ max_tokens: 99, thinking, effort: 'max' });
    expect(ask(model, 'none')).toEqual({ max_tokens: 8192, thinking: { type: 'disabled' } });
  },
);

test('a budget leaves room below the bound that the client set, or is refused', () => {
  expect(ask('claude-opus-4-5', 'high', 10_000)).toEqual({ max_tokens: 10_000, thinking: budget(8000) });
  expect(ask('claude-opus-4-5', 'low', 1100)).toEqual({ max_tokens: 1100, thinking: budget(1024) });
  expect(() => ask('claude-opus-4-5', 'low', 1024)).toThrowError(
    expect.objectContaining({ code: 'invalid_request' }),
  );
});

test('an older model does not think after the result of a tool, whose thoughts are lost', () => {
  const turn = { endsWithToolResult: true };
  expect(ask('claude-opus-4-5', 'high', null, turn)).toEqual({ max_tokens: 8192 });
  expect(ask('claude-opus-5', 'high', null, turn)).toMatchObject({ thinking: { type: 'adaptive' } });
});

test('no model thinks where it must call a tool, which Anthropic refuses', () => {
  const turn = { mustCallTool: true };
  expect(ask('claude-opus-4-5', 'high', null, turn)).toEqual({ max_tokens: 8192 });
  expect(ask('claude-opus-5', 'high', null, turn)).toEqual({ max_tokens: 8192, effort: 'high' });
});

test('thoughts leave the answer the room that it has without them', () => {
  expect(ask('claude-opus-5', 'high').max_tokens).toBe(8192 + 16_384);
  expect(ask('claude-opus-4-5', 'high').max_tokens).toBe(8192 + 16_384);
});

test('models without reasoning are asked for none', () => {
  expect(ask('claude-3-5-haiku-latest', 'none')).toEqual({ max_tokens: 8192 });
  expect(ask('claude-3-opus-20240229', undefined)).toEqual({ max_tokens: 4096 });
  expect(() => ask('claude-3-5-haiku-latest', 'low')).toThrowError(
    expect.objectContaining({ code: 'unsupported_parameter' }),
  );
});
