import { expect, test } from 'vitest';
import { estimateInput } from './estimate-input.ts';

const estimate = (body: Record<string, unknown>) => estimateInput(body, JSON.stringify(body).length);
const story = 'The quick brown fox jumps over the lazy dog. '.repeat(20);

test('text counts about a token per word, wherever it stands', () => {
  for (const body of [
    { messages: [{ role: 'user', content: story }] },
    { messages: [{ role: 'user', content: [{ type: 'text', text: story }] }] },
    { system: [{ type: 'text', text: story, cache_control: { type: 'ephemeral' } }], messages: [] },
    { input: story },
    { input: [story] },
  ]) {
    expect(estimate(body)).toBeGreaterThan(150);
    expect(estimate(body)).toBeLessThan(280);
  }
});

test('scripts without spaces count by character', () => {
  expect(estimate({ input: '世界你好'.repeat(50) })).toBeGreaterThan(100);
});

test('token ids count one each', () => {
  expect(estimate({ input: [[1, 2, 3], [4]] })).toBe(4);
});

test('an image counts flat, whatever its bytes', () => {
  const url = `data:image/png;base64,${'A'.repeat(5_000_000)}`;
  const openai = estimate({
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
  });
  const source = { type: 'base64', data: 'A'.repeat(5_000_000) };
  const anthropic = estimate({ messages: [{ role: 'user', content: [{ type: 'image', source }] }] });
  for (const tokens of [openai, anthropic]) {
    expect(tokens).toBeGreaterThanOrEqual(1000);
    expect(tokens).toBeLessThan(1100);
  }
});

test('tools count with their schemas', () => {
  const tool = {
    type: 'function',
    function: { name: 'look_up', description: story, parameters: { type: 'object' } },
  };
  expect(estimate({ messages: [], tools: [tool] })).toBeGreaterThan(150);
});

test('huge and deep bodies cost bounded work', () => {
  const startedAt = performance.now();
  expect(estimate({ input: 'word '.repeat(1_000_000) })).toBeGreaterThan(500_000);
  expect(estimate({ input: Array.from({ length: 300_000 }, () => 'x') })).toBeGreaterThan(100_000);
  const deep = '['.repeat(50_000) + ']'.repeat(50_000);
  expect(estimateInput({ input: JSON.parse(deep) }, deep.length)).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});
