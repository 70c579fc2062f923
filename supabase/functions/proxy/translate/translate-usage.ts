import type { JsonObject } from '../json-object.ts';
import { anthropic } from '../providers/anthropic.ts';

/** Anthropic's counts as OpenAI counts: the prompt includes what the cache read and wrote. Null where they make no sense. */
export function translateUsage(usage: JsonObject | null): JsonObject | null {
  const read = usage === null ? null : anthropic.readUsage(usage);
  if (read === null) return null;
  return {
    prompt_tokens: read.input_tokens,
    completion_tokens: read.output_tokens,
    total_tokens: read.input_tokens + read.output_tokens,
    prompt_tokens_details: {
      cached_tokens: read.cache_read_tokens,
      cache_write_tokens: read.cache_write_5m_tokens + read.cache_write_1h_tokens,
      audio_tokens: 0,
    },
    completion_tokens_details: { reasoning_tokens: read.reasoning_tokens, audio_tokens: 0 },
  };
}
