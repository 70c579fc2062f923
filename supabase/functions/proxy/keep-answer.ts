import type { Bytes } from './call.ts';
import type { OpenCall } from './open-calls.ts';
import type { Outcome } from './settle.ts';

/** What the client of an internal call is answered, kept until it is settled. */
export interface KeptAnswer {
  readonly chunks: Bytes[];
  size: number;
}

/** Of other calls nothing is kept. */
export function keepAnswer({ keptAnswer }: OpenCall, chunk: Bytes): void {
  if (keptAnswer === null || chunk.length === 0) return;
  if (keptAnswer.size <= maxKeptBytes) keptAnswer.chunks.push(chunk);
  keptAnswer.size += chunk.length;
}

/** Null where it broke off, or is longer than anybody may ask for internally. */
export function wholeAnswer({ keptAnswer, call, tally }: OpenCall, { status }: Outcome): string | null {
  const isWhole = status !== 'failed' && (!call.stream || tally.ended || tally.closed);
  if (keptAnswer === null || !isWhole || keptAnswer.size > maxKeptBytes) return null;
  const decoder = new TextDecoder();
  const text = keptAnswer.chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('');
  return (text + decoder.decode()).replaceAll('\0', '');
}

const maxKeptBytes = 8 * 1024 * 1024;
