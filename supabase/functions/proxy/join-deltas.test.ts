import { expect, test } from 'vitest';
import { joinDeltas } from './join-deltas.ts';

const sse = (...events: unknown[]): string =>
  events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');

const openai = (index: number, delta: unknown) => ({ id: 'x', model: 'm', choices: [{ index, delta }] });

test('[JDL1] a text that comes in pieces is whole again', () => {
  const stream = sse(
    openai(0, { role: 'assistant', content: 'jo' }),
    openai(0, { content: 'hn@exam' }),
    openai(0, { content: 'ple.com' }),
    { choices: [], usage: { total_tokens: 3 } },
    '[DONE]',
  );
  expect(joinDeltas(stream)).toBe('john@example.com');
});

test('[JDL2] texts that come interleaved stay apart', () => {
  const stream = sse(
    openai(0, { content: 'on' }),
    openai(1, { content: 'tw' }),
    openai(0, { content: 'e' }),
    openai(1, { content: 'o' }),
    openai(0, { tool_calls: [{ index: 0, id: 'c', function: { name: 'find', arguments: '{"a"' } }] }),
    openai(0, { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] }),
  );
  expect(joinDeltas(stream).split('\n\n')).toEqual([
    'choices.0.content:\none',
    'choices.1.content:\ntwo',
    'choices.0.tool_calls.0.function.name:\nfind',
    'choices.0.tool_calls.0.function.arguments:\n{"a":1}',
  ]);
});

test('[JDL3] Anthropic’s and the responses’ events are understood as well', () => {
  const anthropic = [
    { type: 'message_start', message: { id: 'm', role: 'assistant', content: [] } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hel' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'lo' } },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
  ];
  expect(joinDeltas(sse(...anthropic))).toBe('Hello');
  const responses = ['Hel', 'lo'].map((delta) => ({
    type: 'response.output_text.delta',
    output_index: 0,
    content_index: 0,
    delta,
  }));
  expect(joinDeltas(sse(...responses))).toBe('Hello');
});

test('[JDL4] a stream without pieces is shown as it is', () => {
  const stream = sse({ error: { message: 'overloaded' } });
  expect(joinDeltas(stream)).toBe(stream);
});
