import { textOf } from './json-object.ts';
import type { Form } from './read-form.ts';

/** A thousand tokens are about a minute of speech; `private.guess_media` reckons with the same. */
const tokensPerMinute = 1000;
/** Compressed speech; what is less compressed is held for longer than it is. */
const bytesPerSecond = 4000;

/** About how many input tokens a recording has, at most. */
export function estimateSpeech({ fileBytes }: Pick<Form, 'fileBytes'>): number {
  return Math.ceil((fileBytes * tokensPerMinute) / (bytesPerSecond * 60));
}

/** About how many input tokens images that are to be edited have. */
export function estimateImagesIn(files: number, fidelity: unknown): number {
  return files * (fidelity === 'high' ? 6_500 : 1_500);
}

/** How many output tokens the images that are asked for take, by size and quality; at most, where the model chooses. */
export function estimateImagesOut(asked: Readonly<Record<string, unknown>>): number {
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(textOf(asked['size']) ?? '') ?? [];
  const pixels = width === undefined ? 1024 * 1536 : Number(width) * Number(height);
  const perImage = tokensPerSquare.get(asked['quality']) ?? highTokens;
  const partial = Math.min(Number(asked['partial_images'] ?? 0) || 0, 10) * 100;
  const images = Math.min(Math.max(Number(asked['n'] ?? 1) || 1, 1), 100);
  return Math.ceil(images * ((perImage * pixels) / (1024 * 1024) + partial));
}

const highTokens = 4160;
const tokensPerSquare: ReadonlyMap<unknown, number> = new Map([
  ['low', 272],
  ['medium', 1056],
  ['high', highTokens],
]);
