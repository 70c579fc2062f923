import { AppError } from '../_shared/errors.ts';
import type { Bytes } from './call.ts';
import { discardBody } from '../_shared/discard-body.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { within } from './within.ts';

/** A request's bytes, and the memory that they count against until `release` (once; again is harmless). */
export interface Body {
  readonly bytes: Bytes;
  release: () => void;
}

export const maxBodyBytes = 20 * 1024 * 1024;

/**
 * Reads a body of at most 20 MB. Small ones are simply read; a large one first waits for room in `budget`.
 * Throws `body_too_large`, `body_timeout`, `overloaded`.
 */
export async function readBody(request: Request, budget: MemoryBudget): Promise<Body> {
  const declared = request.headers.get('content-length');
  const size = declared === null ? null : Number(declared);
  if (size !== null && size > maxBodyBytes) throw tooLarge();
  if (size !== null && size <= smallBytes) {
    // The server holds a client to the length that it declared.
    const buffer = await within(request.arrayBuffer(), timeoutMs).catch((cause: unknown) => {
      throw new AppError('body_incomplete', {}, { cause });
    });
    if (buffer === null) throw new AppError('body_timeout');
    return { bytes: new Uint8Array(buffer), release: () => {} };
  }
  if (request.body === null) return { bytes: new Uint8Array(0), release: () => {} };
  return readLarge(request.body, size, budget);
}

const smallBytes = 256 * 1024;
const timeoutMs = 120_000;

async function readLarge(
  body: ReadableStream<Bytes>,
  size: number | null,
  budget: MemoryBudget,
): Promise<Body> {
  const reader = body.getReader();
  const chunks: Bytes[] = [];
  let length = 0;
  let release: (() => void) | null = null;
  const timer = setTimeout(() => void reader.cancel().catch(() => {}), timeoutMs);
  const deadline = performance.now() + timeoutMs;
  try {
    if (size !== null) release = await budget.take(size);
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > maxBodyBytes) throw tooLarge();
      if (release === null && length > smallBytes) release = await budget.take(maxBodyBytes);
      chunks.push(value);
    }
    if (performance.now() >= deadline) throw new AppError('body_timeout');
    return { bytes: join(chunks, length), release: release ?? (() => {}) };
  } catch (error) {
    release?.();
    chunks.length = 0;
    await discardBody(reader);
    throw error instanceof AppError ? error : new AppError('body_incomplete', {}, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function join(chunks: readonly Bytes[], length: number): Bytes {
  const joined = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}

function tooLarge(): AppError {
  return new AppError('body_too_large', { limit_mb: maxBodyBytes / (1024 * 1024) });
}
