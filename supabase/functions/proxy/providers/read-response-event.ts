import { countOf, type JsonObject, objectOf, textOf } from '../json-object.ts';
import { countPiece, type Tally } from '../tally.ts';
import { readErrorCode, readHead } from './read-openai.ts';

/** An event of OpenAI's Responses API. Whichever of its three ends comes, the usage stands in it. */
export function readResponseEvent(event: JsonObject, tally: Tally): void {
  tally.lastSequence = countOf(event.sequence_number) ?? tally.lastSequence;
  const type = textOf(event.type) ?? '';
  if (type === 'error') {
    tally.errorCode = readErrorCode(event.error) ?? textOf(event.code) ?? 'upstream_error';
    return;
  }
  if (type.endsWith('.delta')) return countPiece(tally, event.delta);
  readHead(objectOf(event.response), tally);
  if (ends.has(type)) {
    tally.ended = true;
    tally.closed = true;
  }
}

const ends = new Set(['response.completed', 'response.incomplete', 'response.failed']);
