import { AppError } from '../../_shared/errors.ts';
import type { Bytes } from '../call.ts';
import { isJsonObject, parseJson } from '../json-object.ts';
import type { OpenCall } from '../open-calls.ts';
import { readEvent } from '../read-event.ts';
import { errorEvent } from '../render-error.ts';
import { type EventSplitter, splitEvents } from '../split-events.ts';
import { countPiece } from '../tally.ts';
import { createEventTranslation } from './translate-event.ts';

/** In the place of a splitter: reads Anthropic's events as they come and answers OpenAI's in their stead. */
export function translateEvents({ call, target, tally }: OpenCall): EventSplitter {
  const translate = createEventTranslation(Math.floor(Date.now() / 1000), call.decidesUsage);
  let translated = '';
  const events = splitEvents((data, isWhole) => {
    // After an error nothing more is said, though what the call took may still come.
    const isOver = tally.errorCode !== null || tally.isBroken;
    readEvent(target.provider, tally, false, data, isWhole);
    if (isOver || !data) return false;
    const event = parseJson(data);
    if (isJsonObject(event)) translated += translate(event, tally.rawUsage);
    else if (!tally.closed && isWhole) refuse(data);
    return false;
  });
  /** An answer with a piece missing would look whole. */
  const refuse = (data: string): void => {
    tally.isBroken = true;
    countPiece(tally, data);
    translated += errorEvent(new AppError('malformed_upstream_response'), call);
  };
  const take = (): Bytes => {
    const bytes = encoder.encode(translated);
    translated = '';
    return bytes;
  };
  return {
    push(chunk) {
      // Nothing of Anthropic's own passes; what comes out was too long to be held and read.
      if (events.push(chunk).length > 0) throw new AppError('malformed_upstream_response');
      return take();
    },
    flush() {
      events.flush();
      // So would one that just ends, be it within an event.
      if (!tally.closed && tally.errorCode === null && !tally.isBroken) {
        translated += errorEvent(new AppError('upstream_disconnected'), call);
      }
      return take();
    },
  };
}

const encoder = new TextEncoder();
