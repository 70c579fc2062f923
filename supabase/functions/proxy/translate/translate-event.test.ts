import { expect, test } from 'vitest';
import { isJsonObject, parseJson } from '../json-object.ts';
import { splitEvents } from '../split-events.ts';
import { anthropicStream } from '../testing/recordings.ts';
import { createEventTranslation } from './translate-event.ts';

const usage = { input_tokens: 10, cache_read_input_tokens: 2000, output_tokens: 77 };

/** The chunks for each of the recording's events. */
function play(includesUsage: boolean): string[] {
  const translate = createEventTranslation(1_700_000_000, includesUsage);
  const answers: string[] = [];
  const events = splitEvents((data) => {
    const event = parseJson(data ?? '');
    if (isJsonObject(event)) answers.push(translate(event, usage));
    return false;
  });
  events.push(new TextEncoder().encode(anthropicStream));
  return answers;
}

const read = (text: string): unknown[] =>
  text
    .split('\n\n')
    .filter((data) => data !== '' && data !== 'data: [DONE]')
    .map((data) => JSON.parse(data.slice('data: '.length)));

const chunk = (delta: object, finish_reason: string | null = null, more: object = {}) => ({
  id: 'msg_1',
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model: 'claude-sonnet-4-5-20250929',
  choices: [{ index: 0, delta, logprobs: null, finish_reason }],
  ...more,
});
const call = (fields: object) => ({ tool_calls: [{ index: 0, ...fields }] });

test('each event is answered when it comes, with the chunks that stand for it', () => {
  const answers = play(false);
  expect(answers.map((answer) => read(answer).length)).toEqual([1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 1, 0, 1, 0]);
  expect(read(answers.join(''))).toEqual([
    chunk({ role: 'assistant', content: '', refusal: null }),
    chunk({ reasoning_content: 'Let me think…' }),
    chunk({ content: 'Grüße, 世界' }),
    chunk(call({ id: 't1', type: 'function', function: { name: 'look', arguments: '' } })),
    // As Claude wrote them, digit for digit.
    chunk(call({ function: { arguments: '{"at":1.0}' } })),
    chunk({}, 'tool_calls'),
  ]);
  expect(answers.at(-1)).toBe('data: [DONE]\n\n');
});

test('usage comes in a chunk of its own, and only where it was asked for', () => {
  const chunks = read(play(true).join(''));
  expect(chunks.slice(0, -1)).toHaveLength(6);
  expect(chunks[0]).toEqual(chunk({ role: 'assistant', content: '', refusal: null }, null, { usage: null }));
  expect(chunks.at(-1)).toEqual({
    ...chunk({}),
    choices: [],
    usage: {
      prompt_tokens: 2010,
      completion_tokens: 77,
      total_tokens: 2087,
      prompt_tokens_details: { cached_tokens: 2000, cache_write_tokens: 0, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
    },
  });
});

test('an error is an error, and what a later version may add is nothing', () => {
  const translate = createEventTranslation(0, false);
  const error = { type: 'error', error: { type: 'overloaded_error', message: 'Too much.' } };
  expect(read(translate(error, null))).toEqual([
    { error: { message: 'Too much.', type: 'server_error', param: null, code: 'overloaded_error' } },
  ]);
  expect(translate({ type: 'event_of_tomorrow' }, null)).toBe('');
  expect(
    translate(
      { type: 'content_block_delta', index: 9, delta: { type: 'input_json_delta', partial_json: '{' } },
      null,
    ),
  ).toBe('');
});
