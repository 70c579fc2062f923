import { type JsonObject, listOf, objectOf } from '../json-object.ts';
import { finishReason } from './finish-reason.ts';
import { translateUsage } from './translate-usage.ts';

/** Anthropic's message as a chat completion. `created` is in seconds of the epoch. */
export function translateAnswer(message: JsonObject, created: number): JsonObject {
  const blocks = listOf(message.content).map(objectOf);
  const join = (type: string, member: string): string | null => {
    const texts = blocks.filter((block) => block.type === type).map((block) => block[member]);
    return texts.length === 0 ? null : texts.join('');
  };
  const thoughts = join('thinking', 'thinking');
  const calls = blocks.filter(({ type }) => type === 'tool_use').map(translateCall);
  return {
    id: message.id,
    object: 'chat.completion',
    created,
    model: message.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: join('text', 'text'),
          refusal: null,
          ...(thoughts !== null && { reasoning_content: thoughts }),
          ...(calls.length > 0 && { tool_calls: calls }),
          annotations: [],
        },
        logprobs: null,
        finish_reason: finishReason(message.stop_reason),
      },
    ],
    usage: translateUsage(objectOf(message.usage)),
  };
}

function translateCall({ id, name, input }: JsonObject): JsonObject {
  return { id, type: 'function', function: { name, arguments: JSON.stringify(input ?? {}) } };
}
