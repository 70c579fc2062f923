import { expect, test } from 'vitest';
import { createAnswerReader } from './read-answer.ts';

const event = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const call = (index: number, id: string | null, name: string | null, text: string) => ({
  tool_calls: [{ index, id, function: { name, arguments: text } }],
});

function read(stream: string, size: number) {
  const reader = createAnswerReader();
  for (let at = 0; at < stream.length; at += size) reader.push(stream.slice(at, at + size));
  return reader.whole();
}

test('[ANS1] a stream adds up to the same wherever it was cut', () => {
  const stream = [
    event({ role: 'assistant', content: '' }),
    event({ content: 'Two ' }),
    event({ content: 'words' }),
    event(call(0, 'a', 'read_tasks', '{"x"')),
    event(call(1, 'b', 'hand_in', '{}')),
    event(call(0, null, null, ':1}')),
    event({}, 'tool_calls'),
    'data: {"choices":[],"usage":{}}\n\ndata: [DONE]\n\n',
  ].join('');
  const whole = {
    content: 'Two words',
    toolCalls: [
      { id: 'a', name: 'read_tasks', arguments: '{"x":1}' },
      { id: 'b', name: 'hand_in', arguments: '{}' },
    ],
    isCut: false,
  };
  for (const size of [1, 7, 64, stream.length]) expect(read(stream, size)).toEqual(whole);
});

test('[ANS2] an answer that reached the model’s limit says so, and what is none is none', () => {
  expect(read(event({ content: 'Half' }) + event({}, 'length'), 9)).toMatchObject({
    content: 'Half',
    isCut: true,
  });
  expect(read('data: {"error": {"message": "no"}}\n\n', 9)).toBeNull();
  expect(read('', 1)).toBeNull();
});

test('[ANS3] what a database cannot store is left out', () => {
  const stream = event({ content: 'a\0b\ud800' }) + event(call(0, 'a', 'hand_in', '{"result":"\\u0000x"}'));
  expect(read(stream, 64)).toMatchObject({
    content: 'ab\ufffd',
    toolCalls: [{ arguments: '{"result":"x"}' }],
  });
});
