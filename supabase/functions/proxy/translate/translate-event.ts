import { type JsonObject, objectOf, textOf } from '../json-object.ts';
import { finishReason } from './finish-reason.ts';
import { translateFailure } from './translate-failure.ts';
import { translateUsage } from './translate-usage.ts';

/** One event of Anthropic's stream, with the usage as it is known by then, as the chunks that OpenAI would send for it. */
export type EventTranslation = (event: JsonObject, usage: JsonObject | null) => string;

/** `created` is in seconds of the epoch; `includesUsage` is what the client asked for in its stream options. */
export function createEventTranslation(created: number, includesUsage: boolean): EventTranslation {
  let head: JsonObject = {};
  /** Of each tool call its number, by the index of its block, and whether its arguments have begun. */
  const calls = new Map<unknown, { readonly index: number; hasArguments: boolean }>();

  const chunk = (delta: JsonObject, finish_reason: string | null = null): string =>
    dataOf({
      ...head,
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
      ...(includesUsage && { usage: null }),
    });
  const callChunk = (index: number, call: JsonObject): string => chunk({ tool_calls: [{ index, ...call }] });

  const startBlock = ({ index, content_block }: JsonObject): string => {
    const { type, id, name, text } = objectOf(content_block);
    if (type === 'text') return textOf(text) === null ? '' : chunk({ content: text });
    if (type !== 'tool_use') return '';
    const call = { index: calls.size, hasArguments: false };
    calls.set(index, call);
    return callChunk(call.index, { id, type: 'function', function: { name, arguments: '' } });
  };
  const addToBlock = ({ index, delta }: JsonObject): string => {
    const { type, text, thinking, partial_json } = objectOf(delta);
    if (type === 'text_delta') return chunk({ content: text });
    if (type === 'thinking_delta') return chunk({ reasoning_content: thinking });
    const call = calls.get(index);
    if (type !== 'input_json_delta' || call === undefined || textOf(partial_json) === null) return '';
    call.hasArguments = true;
    return callChunk(call.index, { function: { arguments: partial_json } });
  };
  /** A call without arguments has none to stream, but OpenAI's clients parse them. */
  const endBlock = ({ index }: JsonObject): string => {
    const call = calls.get(index);
    if (call === undefined || call.hasArguments) return '';
    return callChunk(call.index, { function: { arguments: '{}' } });
  };

  return (event, usage) => {
    switch (event.type) {
      case 'message_start': {
        const { id, model } = objectOf(event.message);
        head = { id, object: 'chat.completion.chunk', created, model };
        return chunk({ role: 'assistant', content: '', refusal: null });
      }
      case 'content_block_start':
        return startBlock(event);
      case 'content_block_delta':
        return addToBlock(event);
      case 'content_block_stop':
        return endBlock(event);
      case 'message_delta': {
        const { stop_reason } = objectOf(event.delta);
        return textOf(stop_reason) === null ? '' : chunk({}, finishReason(stop_reason));
      }
      case 'message_stop':
        return `${includesUsage ? dataOf({ ...head, choices: [], usage: translateUsage(usage) }) : ''}data: [DONE]\n\n`;
      case 'error':
        return dataOf(translateFailure(event, 200).body);
      default:
        return '';
    }
  };
}

function dataOf(value: JsonObject): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
