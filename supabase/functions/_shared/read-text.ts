import { discardBody } from './discard-body.ts';
import { AppError } from './errors.ts';

/** A body as text. Throws `body_too_large` as soon as it shows, whether it says its length or comes in chunks; `body_incomplete`. */
export async function readText(request: Request, limitMb: number): Promise<string> {
  const limitBytes = limitMb * 1024 * 1024;
  const reader = request.body?.getReader();
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  let isTooLarge = Number(request.headers.get('content-length')) > limitBytes;
  while (!isTooLarge) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw new AppError('body_incomplete', {}, { cause: error });
    });
    if (done) return text + decoder.decode();
    length += value.length;
    isTooLarge = length > limitBytes;
    text += decoder.decode(value, { stream: true });
  }
  await discardBody(reader);
  throw new AppError('body_too_large', { limit_mb: limitMb });
}
