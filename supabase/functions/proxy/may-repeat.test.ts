import { expect, test } from 'vitest';
import type { Operation } from './call.ts';
import { isSearching, mayRepeat } from './may-repeat.ts';

test.each<[Operation, Record<string, unknown>]>([
  ['chat.completions', {}],
  ['chat.completions', { stream: true, temperature: 1, store: false, tools: [] }],
  ['chat.completions', { tools: [{ type: 'function' }, { type: 'custom' }], web_search_options: null }],
  ['messages', { tools: [{ name: 'mine', input_schema: {} }] }],
  ['embeddings', { input: 'Hello' }],
])('[RPT1] %s with %j depends on nothing but itself', (operation, body) => {
  expect(mayRepeat(body, operation)).toBe(true);
});

test.each<[Operation, Record<string, unknown>]>([
  ['responses', {}],
  ['images.generations', {}],
  ['images.edits', {}],
  ['audio.transcriptions', {}],
  ['count_tokens', {}],
  ['chat.completions', { store: true }],
  ['chat.completions', { web_search_options: {} }],
  ['chat.completions', { audio: { voice: 'alloy' } }],
  ['chat.completions', { tools: [{ type: 'builtin_function' }] }],
  ['chat.completions', { tools: ['web_search'] }],
  ['messages', { tools: [{ name: 'mine' }, { type: 'web_search_20250305' }] }],
  ['messages', { tools: [{ type: 'code_execution_20250825' }] }],
  ['messages', { container: 'container_1' }],
  ['messages', { mcp_servers: [{}] }],
])('[RPT2] %s with %j is answered by the moment, or with what expires', (operation, body) => {
  expect(mayRepeat(body, operation)).toBe(false);
});

test.each([
  ['gpt-4o-search-preview', true],
  ['gpt-5-search-api', true],
  ['gpt-4o', false],
  ['research-pro', false],
  ['searching', false],
])('[RPT3] that %s searches by itself is %s', (model, searches) => {
  expect(isSearching(model)).toBe(searches);
});
