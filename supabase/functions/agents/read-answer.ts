import { z } from 'zod';
import type { ModelOutput, ToolCall } from '../_shared/contracts/agents.ts';

/** Puts a streamed chat completion together, as far as it has come. */
export interface AnswerReader {
  push: (text: string) => void;
  /** What the model said so far. */
  content: () => string;
  /** Null where nothing can be read. */
  whole: () => ModelOutput | null;
}

export function createAnswerReader(): AnswerReader {
  let rest = '';
  let content = '';
  let finishReason: string | null = null;
  const calls = new Map<number, { id: string; name: string; arguments: string }>();
  const read = (line: string): void => {
    const data = line.startsWith('data:') ? line.slice(5).trim() : '';
    const choice = Chunk.safeParse(parse(data)).data?.choices[0];
    if (choice === undefined) return;
    content += choice.delta?.content ?? '';
    finishReason = choice.finish_reason ?? finishReason;
    for (const piece of choice.delta?.tool_calls ?? []) {
      const call = calls.get(piece.index) ?? { id: '', name: '', arguments: '' };
      call.id ||= piece.id ?? '';
      call.name ||= piece.function?.name ?? '';
      call.arguments += piece.function?.arguments ?? '';
      calls.set(piece.index, call);
    }
  };
  return {
    push(text) {
      const lines = (rest + text).split(/\r\n|\n/);
      rest = lines.pop() ?? '';
      lines.forEach(read);
    },
    content: () => storable(content),
    whole() {
      read(rest);
      rest = '';
      if (finishReason === null && content === '' && calls.size === 0) return null;
      const toolCalls = [...calls.values()].filter(({ name }) => name !== '').map(clean);
      return {
        content: storable(content),
        toolCalls: toolCalls.map((call, place) => ({
          ...call,
          id: call.id === '' ? `call_${place}` : call.id,
        })),
        isCut: finishReason === 'length',
      };
    },
  };
}

/** What Postgres takes: no zero character, no half of a pair. */
const storable = (text: string): string => text.replaceAll('\0', '').toWellFormed();

const clean = (call: ToolCall): ToolCall => ({
  id: storable(call.id),
  name: storable(call.name),
  arguments: storable(call.arguments.replaceAll(String.raw`\u0000`, '')),
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const Chunk = z.object({
  choices: z.array(
    z.object({
      delta: z
        .object({
          content: z.string().nullish(),
          tool_calls: z
            .array(
              z.object({
                index: z.int(),
                id: z.string().nullish(),
                function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
              }),
            )
            .nullish(),
        })
        .nullish(),
      finish_reason: z.string().nullish(),
    }),
  ),
});
