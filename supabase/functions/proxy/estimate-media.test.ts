import { expect, test } from 'vitest';
import { estimateImagesIn, estimateImagesOut, estimateSpeech } from './estimate-media.ts';

test.each([
  [{ size: '1024x1024', quality: 'low' }, 272],
  [{ size: '1024x1536', quality: 'medium', n: 2 }, 3168],
  [{ size: '1536x1024', quality: 'high' }, 6240],
  [{ size: '1024x1024', quality: 'high', partial_images: 2 }, 4360],
  // The model chooses: the most that it may.
  [{}, 6240],
  [{ size: 'auto', quality: 'auto', n: '3' }, 18_720],
])('images as asked for by %j take %i tokens', (asked, tokens) => {
  expect(estimateImagesOut(asked)).toBe(tokens);
});

test('nonsense is estimated within bounds', () => {
  for (const n of [-1, 0, 'many', 1e9, null]) {
    const tokens = estimateImagesOut({ n, size: '99999x99999' });
    expect(Number.isInteger(tokens) && tokens > 0 && tokens < Number.MAX_SAFE_INTEGER).toBe(true);
  }
});

test('images and speech that come in', () => {
  expect([estimateImagesIn(2, 'low'), estimateImagesIn(2, 'high')]).toEqual([3000, 13_000]);
  expect(estimateSpeech({ fileBytes: 240_000 })).toBe(1000);
});
