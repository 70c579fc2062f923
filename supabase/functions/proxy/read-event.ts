import { isJsonObject, type JsonObject, parseJson } from './json-object.ts';
import type { Provider } from './providers/provider.ts';
import type { Tally } from './tally.ts';

/**
 * Counts one event's data into the tally. Answers whether its bytes go on: a chunk of nothing but usage, which we
 * asked for and the client did not, stays here.
 */
export function readEvent(
  provider: Provider,
  tally: Tally,
  hidesUsage: boolean,
  data: string | null,
  isWhole = true,
): boolean {
  if (data === null) return true;
  if (data === '[DONE]') {
    tally.ended = true;
    tally.closed = true;
    return true;
  }
  const event = parseJson(data);
  if (event === undefined && data !== '' && isWhole) tally.isBroken = true;
  if (!isJsonObject(event)) return true;
  provider.readEvent(event, tally);
  return !(hidesUsage && isUsageOnly(event));
}

function isUsageOnly({ choices, usage }: JsonObject): boolean {
  return Array.isArray(choices) && choices.length === 0 && isJsonObject(usage);
}
