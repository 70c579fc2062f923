import { countOf, type JsonObject, objectOf } from '../json-object.ts';
import type { Media } from '../tally.ts';

/**
 * What of OpenAI's tokens is image or audio. Where a model of images or of speech does not say, all of it is: those have
 * the higher rate.
 */
export function readMedia(usage: JsonObject, input: number, output: number): { readonly media?: Media } {
  const from = objectOf(
    usage.prompt_tokens_details ?? usage.input_tokens_details ?? usage.input_token_details,
  );
  const to = objectOf(usage.completion_tokens_details ?? usage.output_tokens_details);
  const isImages =
    'image_tokens' in from && usage.prompt_tokens === undefined && usage.output_tokens_details == null;
  const isSpeech = usage.type === 'tokens' && usage.input_token_details == null;
  const counts: Media = {
    input_image_tokens: part(from.image_tokens, input),
    output_image_tokens: isImages ? output : part(to.image_tokens, output),
    input_audio_tokens: isSpeech ? input : part(from.audio_tokens, input),
    output_audio_tokens: part(to.audio_tokens, output),
  };
  const media = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  return Object.keys(media).length > 0 ? { media } : {};
}

function part(value: unknown, whole: number): number {
  return Math.min(countOf(value) ?? 0, whole);
}
