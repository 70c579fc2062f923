/** Streams as the providers send them, for tests of readers and relays. Written after the providers' references. */

const chunk = (fields: object): string =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1700000000, ...fields })}\n\n`;

const event = (type: string, fields: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;

const textDelta = (content: string): string =>
  chunk({ model: 'gpt-4o-2024-08-06', choices: [{ index: 0, delta: { content }, finish_reason: null }] });

export const openaiUsage = {
  prompt_tokens: 1200,
  completion_tokens: 345,
  total_tokens: 1545,
  prompt_tokens_details: { cached_tokens: 1000, cache_write_tokens: 100, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 300, accepted_prediction_tokens: 0 },
};

export const openaiUsageChunk = chunk({
  model: 'gpt-4o-2024-08-06',
  service_tier: 'default',
  choices: [],
  usage: openaiUsage,
});

export const openaiTexts = ['Hél', 'lo ', '世界', ' 🎉'];

export const openaiBeginning = [
  chunk({
    model: 'gpt-4o-2024-08-06',
    choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
  }),
  ...openaiTexts.map(textDelta),
  chunk({ model: 'gpt-4o-2024-08-06', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
].join('');

export const openaiStream = `${openaiBeginning}${openaiUsageChunk}data: [DONE]\n\n`;

export const anthropicStream = [
  event('message_start', {
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-4-5-20250929',
      content: [],
      usage: {
        input_tokens: 10,
        cache_creation_input_tokens: 300,
        cache_read_input_tokens: 2000,
        cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
        output_tokens: 1,
        service_tier: 'standard',
      },
    },
  }),
  event('content_block_start', { index: 0, content_block: { type: 'thinking', thinking: '' } }),
  event('content_block_delta', { index: 0, delta: { type: 'thinking_delta', thinking: 'Let me think…' } }),
  event('content_block_delta', { index: 0, delta: { type: 'signature_delta', signature: 'c2ln' } }),
  event('content_block_stop', { index: 0 }),
  event('ping', {}),
  event('content_block_start', { index: 1, content_block: { type: 'text', text: '' } }),
  event('content_block_delta', { index: 1, delta: { type: 'text_delta', text: 'Grüße, 世界' } }),
  event('content_block_stop', { index: 1 }),
  event('content_block_start', {
    index: 2,
    content_block: { type: 'tool_use', id: 't1', name: 'look', input: {} },
  }),
  event('content_block_delta', { index: 2, delta: { type: 'input_json_delta', partial_json: '{"at":1.0}' } }),
  event('content_block_stop', { index: 2 }),
  event('message_delta', {
    delta: { stop_reason: 'tool_use', stop_sequence: null },
    usage: {
      output_tokens: 77,
      output_tokens_details: { thinking_tokens: 12 },
      cache_read_input_tokens: 2000,
    },
  }),
  event('message_stop', {}),
].join('');

const kimi = (fields: object): string => chunk({ model: 'kimi-k2-0905-preview', ...fields });

/** Without `include_usage`: usage only inside each choice's last chunk. */
export const moonshotStream = [
  kimi({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] }),
  kimi({ choices: [{ index: 0, delta: { reasoning_content: 'Hmm.' }, finish_reason: null }] }),
  kimi({ choices: [{ index: 0, delta: { content: '月之暗面' }, finish_reason: null }] }),
  kimi({
    choices: [
      {
        index: 0,
        delta: {},
        finish_reason: 'stop',
        usage: { prompt_tokens: 30, completion_tokens: 9, total_tokens: 39, cached_tokens: 12 },
      },
    ],
  }),
  'data: [DONE]\n\n',
].join('');

/** Two choices: each states the whole prompt and its own completion. */
export const moonshotTwoChoices = [0, 1]
  .map((index) =>
    kimi({
      choices: [
        {
          index,
          delta: {},
          finish_reason: 'stop',
          usage: {
            prompt_tokens: 30,
            completion_tokens: 9 + index,
            total_tokens: 39 + index,
            cached_tokens: 12,
          },
        },
      ],
    }),
  )
  .join('');

export const responseUsage = {
  input_tokens: 1200,
  input_tokens_details: { cached_tokens: 1000, cache_write_tokens: 100 },
  output_tokens: 345,
  output_tokens_details: { reasoning_tokens: 300 },
  total_tokens: 1545,
};

/** A stream of the Responses API: its usage comes with its end, whichever that is. */
export function responseStream(ending: 'completed' | 'incomplete' | 'failed'): string {
  const response = { id: 'resp_1', object: 'response', model: 'gpt-5-mini-2025-08-07' };
  const error = ending === 'failed' ? { code: 'server_error', message: 'It broke.' } : null;
  const open = { ...response, status: 'in_progress', service_tier: 'auto', usage: null, error: null };
  const closed = { ...response, status: ending, service_tier: 'default', usage: responseUsage, error };
  const events: [string, object][] = [
    ['response.created', { response: open }],
    ['response.in_progress', { response: open }],
    ['response.reasoning_summary_text.delta', { delta: 'Let me see.' }],
    ['response.output_item.added', { item: { type: 'message', id: 'msg_1' } }],
    ['response.output_text.delta', { delta: 'Grü' }],
    ['response.output_text.delta', { delta: 'ße' }],
    ['response.output_text.done', { text: 'Grüße' }],
    ['response.function_call_arguments.delta', { delta: '{"a":1}' }],
    [`response.${ending}`, { response: closed }],
  ];
  return events
    .map(([type, fields], sequence_number) => event(type, { sequence_number, ...fields }))
    .join('');
}
