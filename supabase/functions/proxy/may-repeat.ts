import type { Operation } from './call.ts';
import { type JsonObject, isJsonObject, listOf } from './json-object.ts';

/**
 * Whether the answer to a call may stand for that to the next one like it. Not where the provider looks something up or
 * runs something by itself, nor where what it answers is an address or an id that it keeps, and that expires.
 */
export function mayRepeat(body: JsonObject, operation: Operation): boolean {
  if (!repeatable.has(operation) || body.store === true) return false;
  return ofTheMoment.every((name) => body[name] == null) && listOf(body.tools).every(isRunByClient);
}

/** Models that look things up whatever they are asked. An alias may stand for one. */
export const isSearching = (model: string): boolean => /(?:^|-)search(?:-|$)/.test(model);

const repeatable: ReadonlySet<Operation> = new Set(['chat.completions', 'messages', 'embeddings']);
const ofTheMoment = ['web_search_options', 'audio', 'container', 'mcp_servers'] as const;
const runByClient: ReadonlySet<unknown> = new Set([undefined, null, 'function', 'custom']);

function isRunByClient(tool: unknown): boolean {
  return isJsonObject(tool) && runByClient.has(tool.type);
}
