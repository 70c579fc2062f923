import type { JsonObject } from './json-object.ts';

/** Token classes as the ledger keeps them; `input_tokens` is the total, cache included. */
export interface TokenUsage {
  readonly input_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_5m_tokens: number;
  readonly cache_write_1h_tokens: number;
  readonly output_tokens: number;
  readonly reasoning_tokens: number;
  readonly service_tier: string | null;
  /** What of it is not text. */
  readonly media?: Media;
}

/** Parts of the input and the output tokens above, or time, which some models charge instead. */
export type Media = Partial<
  Readonly<
    Record<
      'input_image_tokens' | 'output_image_tokens' | 'input_audio_tokens' | 'output_audio_tokens' | 'seconds',
      number
    >
  >
>;

/** What was seen of an answer so far. Written by the provider's readers while the answer passes by. */
export interface Tally {
  rawUsage: JsonObject | null;
  /** False while `rawUsage` is known to be a beginning, such as Anthropic's `message_start`. */
  usageIsFinal: boolean;
  servedModel: unknown;
  serviceTier: unknown;
  errorCode: string | null;
  /** An event could not be read: no client can, either. */
  isBroken: boolean;
  /** The number of the last event, where events are numbered. */
  lastSequence: number | null;
  /** Of a chat's choices that began, by their index, whether each is at its end. */
  readonly choices: Map<unknown, boolean>;
  /** The answer is whole, though usage may still follow. */
  ended: boolean;
  /** The provider's closing mark passed: nothing follows. */
  closed: boolean;
  /** Pieces of output and their UTF-8 size: what an estimate rests on when no usage comes. */
  pieces: number;
  pieceBytes: number;
}

export function createTally(): Tally {
  return {
    rawUsage: null,
    usageIsFinal: false,
    servedModel: null,
    serviceTier: null,
    errorCode: null,
    isBroken: false,
    lastSequence: null,
    choices: new Map(),
    ended: false,
    closed: false,
    pieces: 0,
    pieceBytes: 0,
  };
}

export function countPiece(tally: Tally, text: unknown): void {
  if (typeof text !== 'string' || text === '') return;
  tally.pieces++;
  tally.pieceBytes += sizeOf(text);
}

/** Four bytes of UTF-8 make about a token in any script, and a streamed piece is at least one. */
export function estimateOutputTokens(tally: Tally): number {
  return Math.max(tally.pieces, Math.ceil(tally.pieceBytes / 4));
}

export const noUsage: TokenUsage = {
  input_tokens: 0,
  cache_read_tokens: 0,
  cache_write_5m_tokens: 0,
  cache_write_1h_tokens: 0,
  output_tokens: 0,
  reasoning_tokens: 0,
  service_tier: null,
};

function sizeOf(text: string): number {
  let size = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A surrogate pair is two units and four bytes; anything else from U+0800 up is one unit and three.
    if (unit >= 0x80) size += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return size;
}
