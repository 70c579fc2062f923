import { isJsonObject, type JsonObject, listOf, objectOf, textOf } from '../json-object.ts';
import { parseExact } from './exact-json.ts';
import { type Block, textBlocks, translateContent } from './translate-content.ts';
import { invalid, unsupported } from './unsupported.ts';

export interface Conversation {
  /** What system and developer messages say, wherever they stand. */
  readonly system: readonly Block[];
  readonly messages: readonly Turn[];
  /** The tools that were called so far. */
  readonly calledTools: ReadonlySet<string>;
}

export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: Block[];
}

/** OpenAI's messages as Anthropic's turns: tool results are the user's, and neighbours of one role become one turn. */
export function translateMessages(value: unknown): Conversation {
  if (!Array.isArray(value)) throw invalid('messages', 'must be a list.');
  const system: Block[] = [];
  const messages: Turn[] = [];
  const calledTools = new Set<string>();
  const say = (role: Turn['role'], blocks: readonly Block[]): void => {
    const last = messages.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else if (blocks.length > 0) messages.push({ role, content: [...blocks] });
  };
  for (const [index, entry] of listOf(value).entries()) {
    const message = objectOf(entry);
    const path = `messages[${index}]`;
    const content = (): Block[] => translateContent(message.content, `${path}.content`);
    switch (message.role) {
      case 'system':
      case 'developer':
        system.push(...content());
        break;
      case 'user':
        say('user', content());
        break;
      case 'assistant': {
        const calls = translateToolCalls(message, path);
        for (const { name } of calls) calledTools.add(String(name));
        say('assistant', [...content(), ...textBlocks(message.refusal), ...calls]);
        break;
      }
      case 'tool':
        say('user', [translateToolResult(message, content(), path)]);
        break;
      default:
        throw unsupported(`${path}.role`, 'Use system, developer, user, assistant or tool.');
    }
  }
  return { system, messages, calledTools };
}

function translateToolCalls(message: JsonObject, path: string): Block[] {
  if (isJsonObject(message.function_call)) throw unsupported(`${path}.function_call`, 'Use tool_calls.');
  if (isJsonObject(message.audio)) throw unsupported(`${path}.audio`, 'Claude hears no audio.');
  return listOf(message.tool_calls).map((entry, index) => {
    const at = `${path}.tool_calls[${index}]`;
    const call = objectOf(entry);
    if ((call.type ?? 'function') !== 'function') throw unsupported(`${at}.type`, 'Use functions.');
    const { name, arguments: given } = objectOf(call.function);
    if (textOf(name) === null) throw invalid(`${at}.function.name`, 'must be a text.');
    const input = readArguments(given, `${at}.function.arguments`);
    return { type: 'tool_use', id: translateId(call.id, `${at}.id`), name, input };
  });
}

function readArguments(given: unknown, path: string): JsonObject {
  if (given === undefined || given === '') return {};
  try {
    const input = typeof given === 'string' ? parseExact(given) : null;
    if (isJsonObject(input)) return input;
  } catch {
    // Said below.
  }
  throw invalid(path, 'must be the text of a JSON object.');
}

function translateToolResult(message: JsonObject, content: readonly Block[], path: string): Block {
  const tool_use_id = translateId(message.tool_call_id, `${path}.tool_call_id`);
  return { type: 'tool_result', tool_use_id, ...(content.length > 0 && { content }) };
}

/** Other providers' ids have characters that Anthropic refuses; a call and its result stay a pair. */
function translateId(id: unknown, path: string): string {
  const text = textOf(id);
  if (text === null) throw invalid(path, 'must be a text.');
  return text.replace(/[^A-Za-z0-9_-]/g, '_');
}
