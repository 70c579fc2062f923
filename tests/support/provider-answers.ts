/** Answers as the providers send them, for the stand-in upstream to play. */

export type SseEvent = { event?: string; data: string };

export type OpenaiUsage = {
  prompt_tokens: number;
  completion_tokens?: number;
  total_tokens: number;
  cached_tokens?: number;
  prompt_tokens_details?: { cached_tokens?: number; cache_write_tokens?: number };
  completion_tokens_details?: { reasoning_tokens?: number };
};

export type AnthropicUsage = {
  input_tokens: number;
  cache_creation_input_tokens?: number;
  cache_read_input_tokens?: number;
  cache_creation?: { ephemeral_5m_input_tokens: number; ephemeral_1h_input_tokens: number };
  output_tokens: number;
  output_tokens_details?: { thinking_tokens: number };
  service_tier?: string;
};

export function encodeEvents(events: readonly SseEvent[], lineEnd = '\n'): Uint8Array {
  const lines = events.flatMap(({ event, data }) => [
    ...(event === undefined ? [] : [`event: ${event}`]),
    `data: ${data}`,
    '',
  ]);
  return new TextEncoder().encode(lines.map((line) => line + lineEnd).join(''));
}

const head = { id: 'chatcmpl-1', created: 1_767_000_000 } as const;
const dataOf = (value: unknown): SseEvent => ({ data: JSON.stringify(value) });
export const doneEvent: SseEvent = { data: '[DONE]' };

export function openaiCompletion(model: string, usage: OpenaiUsage, message: object = { content: 'Hello.' }) {
  const choices = [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop' }];
  return { ...head, object: 'chat.completion', model, choices, usage };
}

/** One chunk for each delta and one that finishes; `usage: null` in all, as when usage was asked for. */
export function openaiChunks(model: string, deltas: readonly object[]): SseEvent[] {
  const chunk = (delta: object, finish_reason: string | null): SseEvent =>
    dataOf({
      ...head,
      object: 'chat.completion.chunk',
      model,
      choices: [{ index: 0, delta, finish_reason }],
      usage: null,
    });
  return [
    chunk({ role: 'assistant', content: '' }, null),
    ...deltas.map((delta) => chunk(delta, null)),
    chunk({}, 'stop'),
  ];
}

export const openaiUsageChunk = (model: string, usage: OpenaiUsage): SseEvent =>
  dataOf({ ...head, object: 'chat.completion.chunk', model, choices: [], usage });

/** As Moonshot streams: the usage stands in the finishing chunk's choice. */
export function moonshotChunks(model: string, texts: readonly string[], usage: OpenaiUsage): SseEvent[] {
  const chunk = (choice: object): SseEvent =>
    dataOf({ ...head, object: 'chat.completion.chunk', model, choices: [{ index: 0, ...choice }] });
  return [
    chunk({ delta: { role: 'assistant', content: '' }, finish_reason: null }),
    ...texts.map((content) => chunk({ delta: { content }, finish_reason: null })),
    chunk({ delta: {}, finish_reason: 'stop', usage }),
  ];
}

export function anthropicMessage(
  model: string,
  usage: AnthropicUsage,
  content: readonly object[] = [{ type: 'text', text: 'Hello.' }],
) {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage,
  };
}

/** As Anthropic streams: the input's counts at the start, with a placeholder for the output, whose count comes last. */
export function anthropicEvents(
  model: string,
  usage: AnthropicUsage,
  deltas: readonly object[],
  block: object = { type: 'text', text: '' },
): SseEvent[] {
  const { output_tokens, output_tokens_details, cache_creation: _, ...input } = usage;
  const { usage: _usage, ...start } = anthropicMessage(model, usage, []);
  const events = [
    {
      type: 'message_start',
      message: { ...start, stop_reason: null, usage: { ...usage, output_tokens: 1 } },
    },
    { type: 'content_block_start', index: 0, content_block: block },
    { type: 'ping' },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index: 0, delta })),
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { ...input, output_tokens, ...(output_tokens_details && { output_tokens_details }) },
    },
    { type: 'message_stop' },
  ];
  return events.map((event) => ({ event: event.type, data: JSON.stringify(event) }));
}

/** A stream of so many pieces of text in either dialect. */
export function pieceEvents(dialect: 'openai' | 'anthropic', model: string, count: number): SseEvent[] {
  const pieces = Array.from({ length: count }, (_, index) => `${index} and on it goes, `);
  return dialect === 'openai'
    ? openaiChunks(
        model,
        pieces.map((content) => ({ content })),
      )
    : anthropicEvents(
        model,
        { input_tokens: 9, output_tokens: 1 },
        pieces.map((text) => ({ type: 'text_delta', text })),
      );
}
