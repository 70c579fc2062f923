import { countOf, isJsonObject, type JsonObject, listOf, objectOf, textOf } from '../json-object.ts';
import { countPiece, type Tally, type TokenUsage } from '../tally.ts';
import type { Provider } from './provider.ts';
import { readErrorCode } from './read-openai.ts';

export const anthropic = {
  name: 'anthropic',
  serves: ['messages', 'count_tokens'],
  models: /^claude-/,
  url: (baseUrl, operation) => `${baseUrl}/v1/messages${operation === 'count_tokens' ? '/count_tokens' : ''}`,
  headers: (key) => ({ 'x-api-key': key }),
  usageMustBeAsked: false,
  answerMembers: ['usage', 'model', 'error', 'type'],
  readAnswer(answer, tally) {
    readMessage(answer, tally);
    tally.usageIsFinal = tally.rawUsage !== null;
    tally.ended = true;
    readError(answer, tally);
  },
  readEvent,
  readUsage,
} satisfies Provider;

function readEvent(event: JsonObject, tally: Tally): void {
  switch (event.type) {
    case 'message_start':
      return readMessage(objectOf(event.message), tally);
    case 'content_block_start':
      return countPiece(tally, objectOf(event.content_block).name);
    case 'content_block_delta': {
      const delta = objectOf(event.delta);
      countPiece(tally, delta.text);
      countPiece(tally, delta.thinking);
      return countPiece(tally, delta.partial_json);
    }
    case 'message_delta':
      return readFinalUsage(event.usage, tally);
    case 'message_stop':
      tally.ended = true;
      tally.closed = true;
      return;
    case 'error':
      return readError(event, tally);
    default:
  }
}

function readMessage(message: JsonObject, tally: Tally): void {
  tally.servedModel ??= message.model;
  if (isJsonObject(message.usage)) tally.rawUsage = message.usage;
}

/** The counts are cumulative: they replace those of the start, which alone knows how long cache writes live. */
function readFinalUsage(usage: unknown, tally: Tally): void {
  if (!isJsonObject(usage)) return;
  const stated = Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null));
  tally.rawUsage = { ...tally.rawUsage, ...stated };
  if (countOf(usage.output_tokens) !== null) tally.usageIsFinal = true;
}

function readError(answer: JsonObject, tally: Tally): void {
  if (answer.type === 'error') tally.errorCode = readErrorCode(answer.error) ?? 'upstream_error';
}

/** What a compaction of the conversation took stands beside the counts at the top, and is no part of them. */
function readUsage(usage: JsonObject): TokenUsage | null {
  return listOf(usage.iterations)
    .map(objectOf)
    .filter(({ type }) => type === 'compaction')
    .map(readCounts)
    .reduce(addUsage, readCounts(usage));
}

/** `input_tokens` excludes the cache; the ledger's total includes it. Writes without a stated life are short ones. */
function readCounts(usage: JsonObject): TokenUsage | null {
  const uncached = countOf(usage.input_tokens);
  const read = countOf(usage.cache_read_input_tokens ?? 0);
  const split = objectOf(usage.cache_creation);
  const writtenLong = countOf(split.ephemeral_1h_input_tokens ?? 0);
  const written = countOf(usage.cache_creation_input_tokens ?? addCounts(split));
  const output = countOf(usage.output_tokens ?? 0);
  const thinking = countOf(objectOf(usage.output_tokens_details).thinking_tokens ?? 0);
  if (uncached === null || read === null || written === null || writtenLong === null) return null;
  if (output === null || thinking === null || writtenLong > written) return null;
  return {
    input_tokens: uncached + read + written,
    cache_read_tokens: read,
    cache_write_5m_tokens: written - writtenLong,
    cache_write_1h_tokens: writtenLong,
    output_tokens: output,
    reasoning_tokens: Math.min(thinking, output),
    service_tier: textOf(usage.service_tier),
  };
}

function addUsage(one: TokenUsage | null, other: TokenUsage | null): TokenUsage | null {
  if (one === null || other === null) return null;
  return {
    input_tokens: one.input_tokens + other.input_tokens,
    cache_read_tokens: one.cache_read_tokens + other.cache_read_tokens,
    cache_write_5m_tokens: one.cache_write_5m_tokens + other.cache_write_5m_tokens,
    cache_write_1h_tokens: one.cache_write_1h_tokens + other.cache_write_1h_tokens,
    output_tokens: one.output_tokens + other.output_tokens,
    reasoning_tokens: one.reasoning_tokens + other.reasoning_tokens,
    service_tier: one.service_tier,
  };
}

function addCounts(counts: JsonObject): number {
  return Object.values(counts).reduce<number>((sum, count) => sum + (countOf(count) ?? 0), 0);
}
