import { countOf, isJsonObject, type JsonObject, textOf } from '../json-object.ts';
import { countPiece, type Tally } from '../tally.ts';
import { readErrorCode, readHead } from './read-openai.ts';

/**
 * An event with a type, as OpenAI streams responses, images and transcripts. The usage stands in the last: of a response
 * in one of three ends, inside; else at the event's top.
 */
export function readTypedEvent(event: JsonObject, tally: Tally): void {
  tally.lastSequence = countOf(event.sequence_number) ?? tally.lastSequence;
  const type = textOf(event.type) ?? '';
  if (type === 'error') {
    tally.errorCode = readErrorCode(event.error) ?? textOf(event.code) ?? 'upstream_error';
    return;
  }
  if (type.endsWith('.delta')) return countPiece(tally, event.delta);
  readHead(isJsonObject(event.response) ? event.response : event, tally);
  if (ends.has(type)) tally.ended = true;
  // Of several images each comes to its own end.
  if (ends.has(type) && !type.startsWith('image_')) tally.closed = true;
}

const ends = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'transcript.text.done',
  'image_generation.completed',
  'image_edit.completed',
]);
