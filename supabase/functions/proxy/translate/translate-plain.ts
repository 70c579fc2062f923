import type { Bytes } from '../call.ts';
import { isJsonObject } from '../json-object.ts';
import { parseExact } from './exact-json.ts';
import { translateAnswer } from './translate-answer.ts';
import { translateFailure } from './translate-failure.ts';

export interface Answer {
  readonly status: number;
  readonly bytes: Bytes;
}

/** An answer of Anthropic's that came as a whole, good or bad, in OpenAI's words. */
export function translatePlain({ status, bytes }: Answer): Answer {
  const body = parse(bytes);
  const isMessage = status >= 200 && status < 300 && isJsonObject(body) && body.type === 'message';
  const answer = isMessage
    ? { status, body: translateAnswer(body, Math.floor(Date.now() / 1000)) }
    : translateFailure(body, status);
  return { status: answer.status, bytes: encoder.encode(JSON.stringify(answer.body)) };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function parse(bytes: Bytes): unknown {
  try {
    return parseExact(decoder.decode(bytes));
  } catch {
    return null;
  }
}
