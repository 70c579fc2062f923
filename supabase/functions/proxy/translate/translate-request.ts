import { countOf, isJsonObject, type JsonObject, listOf, objectOf, textOf } from '../json-object.ts';
import { translateEffort } from './translate-effort.ts';
import { translateMessages } from './translate-messages.ts';
import { mustCallTool, translateTools } from './translate-tools.ts';
import { invalid, unsupported } from './unsupported.ts';

/**
 * A chat completion's body as Anthropic's messages. What has no counterpart is refused by name, unless leaving it out
 * changes nothing that a caller could notice. Throws `unsupported_parameter` and `invalid_request`.
 */
export function translateRequest(body: JsonObject, model: string): JsonObject {
  for (const [name, value] of Object.entries(body)) requireTranslation(name, value);
  const { system, messages, calledTools } = translateMessages(body.messages);
  const tools = translateTools(body, calledTools);
  const { max_tokens, thinking, effort } = translateEffort(body.reasoning_effort, {
    model,
    maxTokens: readMaxTokens(body),
    endsWithToolResult: objectOf(listOf(body.messages).at(-1)).role === 'tool',
    mustCallTool: mustCallTool(tools.tool_choice),
  });
  const format = translateFormat(body.response_format);
  const userId = textOf(body.safety_identifier ?? body.user);
  return {
    model,
    max_tokens,
    ...(system.length > 0 && { system }),
    messages,
    ...tools,
    ...(body.stream === true && { stream: true }),
    ...present('stop_sequences', translateStop(body.stop)),
    ...present('temperature', translateTemperature(body.temperature)),
    ...present('top_p', body.top_p),
    ...present('top_k', body.top_k),
    ...present('thinking', body.thinking ?? thinking),
    ...((format ?? effort) !== undefined && {
      output_config: { ...present('effort', effort), ...present('format', format) },
    }),
    ...(userId !== null && userId.length <= 256 && { metadata: { user_id: userId } }),
    ...present('service_tier', translateTier(body.service_tier)),
  };
}

const translated = new Set(
  [
    'model messages stream stream_options max_tokens max_completion_tokens stop temperature top_p tools',
    'tool_choice parallel_tool_calls response_format reasoning_effort user safety_identifier service_tier',
    // Anthropic's own, as its clients spell them.
    'thinking top_k',
  ].flatMap((names) => names.split(' ')),
);

/** Hints on how to serve a call, and what is for the ledger: without them the answer is the same. */
const ignored = new Set(
  'metadata store seed prediction prompt_cache_key prompt_cache_options prompt_cache_retention'.split(' '),
);

/** What is taken at the one value that asks for nothing. */
const neutral: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['n', (value: unknown) => value === 1],
  ['logprobs', (value: unknown) => value === false],
  ['top_logprobs', (value: unknown) => value === 0],
  ['frequency_penalty', (value: unknown) => value === 0],
  ['presence_penalty', (value: unknown) => value === 0],
  ['logit_bias', (value: unknown) => isJsonObject(value) && Object.keys(value).length === 0],
  ['modalities', (value: unknown) => listOf(value).every((modality) => modality === 'text')],
  ['verbosity', (value: unknown) => value === 'medium'],
]);

function requireTranslation(name: string, value: unknown): void {
  if (value === null || translated.has(name) || ignored.has(name)) return;
  if (neutral.get(name)?.(value) !== true) throw unsupported(name);
}

function present(name: string, value: unknown): JsonObject {
  return value === undefined || value === null ? {} : { [name]: value };
}

function readMaxTokens(body: JsonObject): number | null {
  const asked = body.max_completion_tokens ?? body.max_tokens ?? null;
  if (asked === null) return null;
  const count = countOf(asked);
  if (count !== null && count > 0) return count;
  const name = body.max_completion_tokens === undefined ? 'max_tokens' : 'max_completion_tokens';
  throw invalid(name, 'must be a whole number above 0.');
}

function translateStop(stop: unknown): readonly string[] | undefined {
  if (stop === undefined || stop === null) return undefined;
  if (typeof stop !== 'string' && !Array.isArray(stop))
    throw invalid('stop', 'must be a text or a list of texts.');
  return [stop].flat().map((sequence) => {
    if (typeof sequence === 'string' && sequence.trim() !== '') return sequence;
    throw unsupported('stop', 'Claude stops at sequences that are more than white space.');
  });
}

/** OpenAI's scale goes on to 2; everything above 1 is Claude's most. */
function translateTemperature(temperature: unknown): unknown {
  return typeof temperature === 'number' ? Math.min(temperature, 1) : temperature;
}

function translateFormat(format: unknown): JsonObject | undefined {
  const { type, json_schema } = objectOf(format);
  if (format === undefined || format === null || type === 'text') return undefined;
  const { schema } = objectOf(json_schema);
  if (type === 'json_schema' && isJsonObject(schema)) return { type, schema };
  throw unsupported('response_format', 'Ask for text, or for a json_schema with its schema.');
}

function translateTier(tier: unknown): string | undefined {
  if (tier === undefined || tier === null || tier === 'auto') return undefined;
  if (tier === 'default') return 'standard_only';
  throw unsupported('service_tier', 'Use auto or default.');
}
