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

/** Null where nothing is logged, which costs nothing. The bytes are not copied: nobody changes them. */
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
  if (body.size < maxCapturedBytes) body.chunks.push(chunk.subarray(0, maxCapturedBytes - body.size));
  body.size += chunk.length;
}

export const isCut = ({ size }: CapturedBody): boolean => size > maxCapturedBytes;

const maxCapturedBytes = 256 * 1024;
