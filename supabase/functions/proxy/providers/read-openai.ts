import type { Operation } from '../call.ts';
import { countOf, type JsonObject, isJsonObject, listOf, objectOf, textOf } from '../json-object.ts';
import { countPiece, noUsage, type Tally, type TokenUsage } from '../tally.ts';
import { readMedia } from './read-media.ts';

/** What OpenAI and those that speak its dialect have in common. */

export function openaiUrl(baseUrl: string, operation: Operation): string {
  return `${baseUrl}/${operation.replace('.', '/')}`;
}

export const openaiAnswerMembers = ['usage', 'model', 'service_tier', 'error'] as const;

export function readOpenaiAnswer(answer: JsonObject, tally: Tally): void {
  readHead(answer, tally);
  tally.ended = true;
}

export function readOpenaiEvent(event: JsonObject, tally: Tally): void {
  readHead(event, tally);
  for (const entry of listOf(event.choices)) {
    const choice = objectOf(entry);
    noteChoice(tally, choice.index, typeof choice.finish_reason === 'string');
    const delta = objectOf(choice.delta);
    countPiece(tally, delta.content);
    countPiece(tally, delta.reasoning_content);
    countPiece(tally, delta.refusal);
    countPiece(tally, objectOf(delta.audio).transcript);
    countCall(tally, delta.function_call);
    for (const toolCall of listOf(delta.tool_calls)) {
      countCall(tally, objectOf(toolCall).function);
      countCall(tally, objectOf(toolCall).custom);
    }
  }
}

/** The answer is whole when each choice that began is at its end; none begins again. */
export function noteChoice(tally: Tally, index: unknown, isAtEnd: boolean): void {
  tally.choices.set(index, isAtEnd || tally.choices.get(index) === true);
  tally.ended = ![...tally.choices.values()].includes(false);
}

function countCall(tally: Tally, call: unknown): void {
  const { name, arguments: given, input } = objectOf(call);
  countPiece(tally, name);
  countPiece(tally, given);
  countPiece(tally, input);
}

/** Chat counts a prompt and its completion, responses input and output. Cached and written tokens are part of the prompt; writes have no duration here and count as the short class. */
export function readOpenaiUsage(usage: JsonObject): TokenUsage | null {
  if (usage.type === 'duration') return readDuration(usage.seconds);
  const prompt = objectOf(usage.prompt_tokens_details ?? usage.input_tokens_details);
  const completion = objectOf(usage.completion_tokens_details ?? usage.output_tokens_details);
  const input = countOf(usage.prompt_tokens ?? usage.input_tokens);
  const output = countOf(usage.completion_tokens ?? usage.output_tokens ?? 0);
  const cached = countOf(prompt.cached_tokens ?? usage.cached_tokens ?? 0);
  const written = countOf(
    prompt.cache_write_tokens ??
      usage.cache_write_tokens ??
      usage.cache_creation_input_tokens ??
      usage.cache_creation_tokens ??
      0,
  );
  const reasoning = countOf(completion.reasoning_tokens ?? 0);
  if (input === null || output === null || cached === null || written === null || reasoning === null)
    return null;
  if (cached + written > input) return null;
  return {
    input_tokens: input,
    cache_read_tokens: cached,
    cache_write_5m_tokens: written,
    cache_write_1h_tokens: 0,
    output_tokens: output,
    reasoning_tokens: Math.min(reasoning, output),
    service_tier: null,
    ...readMedia(usage, input, output),
  };
}

function readDuration(seconds: unknown): TokenUsage | null {
  const isTime = typeof seconds === 'number' && seconds >= 0 && seconds <= 1_000_000;
  return isTime ? { ...noUsage, media: { seconds } } : null;
}

/** `error.code` and `error.type`, whichever says more. */
export function readErrorCode(error: unknown): string | null {
  const { code, type } = objectOf(error);
  return (
    textOf(code) ?? textOf(type) ?? (isJsonObject(error) || textOf(error) !== null ? 'upstream_error' : null)
  );
}

/** What a plain answer and a chunk have at their top, and a response's events inside. */
export function readHead(answer: JsonObject, tally: Tally): void {
  if (isJsonObject(answer.usage)) {
    tally.rawUsage = answer.usage;
    tally.usageIsFinal = true;
  }
  tally.servedModel ??= answer.model;
  tally.serviceTier = answer.service_tier ?? tally.serviceTier;
  const errorCode = readErrorCode(answer.error);
  if (errorCode !== null) tally.errorCode = errorCode;
}
