import type { SseEvent } from './provider-answers.ts';

/** Answers of OpenAI's Responses API, for the stand-in upstream to play. */

export type ResponseUsage = {
  input_tokens: number;
  input_tokens_details: { cached_tokens: number; cache_write_tokens?: number };
  output_tokens: number;
  output_tokens_details: { reasoning_tokens: number };
  total_tokens: number;
};

type Ending = 'completed' | 'incomplete' | 'failed';

const textItem = (text: string) => ({
  id: 'msg_1',
  type: 'message',
  status: 'completed',
  role: 'assistant',
  content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
});

export function openaiResponse(
  model: string,
  usage: ResponseUsage | null,
  { output = [textItem('Hello.')], status = 'completed' }: { output?: object[]; status?: string } = {},
) {
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1_767_000_000,
    status,
    error: status === 'failed' ? { code: 'server_error', message: 'The model broke down.' } : null,
    incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    instructions: null,
    metadata: {},
    model,
    output,
    parallel_tool_calls: true,
    service_tier: 'default',
    temperature: 1.0,
    tool_choice: 'auto',
    tools: [],
    top_p: 1.0,
    usage,
  };
}

const numbered = (events: readonly (readonly [string, object])[]): SseEvent[] =>
  events.map(([type, fields], sequence_number) => ({
    event: type,
    data: JSON.stringify({ type, sequence_number, ...fields }),
  }));

const textPlace = { item_id: 'msg_1', output_index: 0, content_index: 0 };
const emptyPart = { type: 'output_text', text: '', annotations: [], logprobs: [] };

/** A stream of text; whichever its end is, the usage comes with it. */
export function responseEvents(
  model: string,
  usage: ResponseUsage,
  texts: readonly string[],
  ending: Ending = 'completed',
): SseEvent[] {
  const item = textItem(texts.join(''));
  const response = openaiResponse(model, null, { output: [], status: 'in_progress' });
  return numbered([
    ['response.created', { response }],
    ['response.in_progress', { response }],
    [
      'response.output_item.added',
      { output_index: 0, item: { ...item, status: 'in_progress', content: [] } },
    ],
    ['response.content_part.added', { ...textPlace, part: emptyPart }],
    ...texts.map((delta) => ['response.output_text.delta', { ...textPlace, delta, logprobs: [] }] as const),
    ['response.output_text.done', { ...textPlace, text: texts.join(''), logprobs: [] }],
    ['response.content_part.done', { ...textPlace, part: item.content[0] }],
    ['response.output_item.done', { output_index: 0, item }],
    [`response.${ending}`, { response: openaiResponse(model, usage, { output: [item], status: ending }) }],
  ]);
}

/** A stream whose one output is a function call. */
export function functionCallEvents(
  model: string,
  usage: ResponseUsage,
  call: { name: string; pieces: readonly string[] },
): SseEvent[] {
  const item = {
    id: 'fc_1',
    type: 'function_call',
    status: 'completed',
    call_id: 'call_1',
    name: call.name,
    arguments: call.pieces.join(''),
  };
  const response = openaiResponse(model, null, { output: [], status: 'in_progress' });
  const place = { item_id: 'fc_1', output_index: 0 };
  return numbered([
    ['response.created', { response }],
    [
      'response.output_item.added',
      { output_index: 0, item: { ...item, status: 'in_progress', arguments: '' } },
    ],
    ...call.pieces.map((delta) => ['response.function_call_arguments.delta', { ...place, delta }] as const),
    ['response.function_call_arguments.done', { ...place, name: call.name, arguments: call.pieces.join('') }],
    ['response.output_item.done', { output_index: 0, item }],
    ['response.completed', { response: openaiResponse(model, usage, { output: [item] }) }],
  ]);
}
