import type { Bytes } from './call.ts';
import type { Admitted } from './ledger.ts';

/** The beginnings of a call's bodies, kept while it runs where its project logs bodies. */
export interface CapturedBodies {
  readonly logging: 'redacted' | 'full';
  readonly projectId: string;
  readonly request: CapturedBody;
  readonly response: CapturedBody;
  responseIsStream: boolean;
}

export interface CapturedBody {
  readonly chunks: Bytes[];
  /** Of the whole body, also where it was too long to be kept. */
  size: number;
}

/** Null where nothing is logged, which costs nothing. */
export function captureBodies({ bodies }: Admitted, request: Bytes): CapturedBodies | null {
  if (bodies == null) return null;
  const captured: CapturedBodies = {
    logging: bodies.logging,
    projectId: bodies.project_id,
    request: { chunks: [], size: 0 },
    response: { chunks: [], size: 0 },
    responseIsStream: false,
  };
  capture(captured.request, request);
  return captured;
}

export function capture(body: CapturedBody, chunk: Bytes): void {
  const room = maxCapturedBytes - body.size;
  // A part is copied, or it would keep the whole in memory.
  if (room > 0) body.chunks.push(chunk.length > room ? chunk.slice(0, room) : chunk);
  body.size += chunk.length;
}

export const isCut = ({ size }: CapturedBody): boolean => size > maxCapturedBytes;

const maxCapturedBytes = 256 * 1024;
