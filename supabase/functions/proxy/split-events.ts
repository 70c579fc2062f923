import type { Bytes } from './call.ts';

/**
 * Cuts a server-sent event stream at its blank lines, whatever the line ends (LF, CRLF, CR) and wherever the chunks
 * were cut. `keep` hears each event's data (null without any), and whether it came whole, and decides whether its bytes
 * go on; only an event that is not complete yet is held back.
 */
export function splitEvents(keep: (data: string | null, isWhole: boolean) => boolean): EventSplitter {
  let held: Bytes[] = [];
  let heldLength = 0;
  let isLineEmpty = true;
  /** The last byte was CR: an LF now belongs to it. */
  let isAfterReturn = false;
  let wasKept = true;
  /** The event is too long to be held: it passes as it comes, unread. */
  let isOverlong = false;

  /** Where the first event that ends in `chunk` ends, behind its blank line; -1 if none does. */
  const findEnd = (chunk: Bytes, from: number): number => {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte === lineFeed && isAfterReturn) {
        isAfterReturn = false;
        continue;
      }
      isAfterReturn = byte === carriageReturn;
      if (byte !== lineFeed && byte !== carriageReturn) {
        isLineEmpty = false;
        continue;
      }
      if (!isLineEmpty) {
        isLineEmpty = true;
        continue;
      }
      if (!isAfterReturn || chunk[at + 1] !== lineFeed) return at + 1;
      isAfterReturn = false;
      return at + 2;
    }
    return -1;
  };
  const hold = (bytes: Bytes): void => {
    if (bytes.length === 0) return;
    held.push(bytes);
    heldLength += bytes.length;
  };
  const takeHeld = (): Bytes => {
    const bytes = join(held, heldLength);
    held = [];
    heldLength = 0;
    return bytes;
  };
  const endEvent = (passed: Bytes[], isWhole: boolean): void => {
    const event = takeHeld();
    wasKept = isOverlong || keep(readData(event), isWhole);
    isOverlong = false;
    if (wasKept) passed.push(event);
  };

  return {
    push(chunk) {
      const passed: Bytes[] = [];
      let start = 0;
      // A CR that ended the last event at the end of the last chunk had this LF.
      if (isAfterReturn && isLineEmpty && heldLength === 0 && chunk[0] === lineFeed) {
        isAfterReturn = false;
        start = 1;
        if (wasKept) passed.push(chunk.subarray(0, 1));
      }
      for (let end = findEnd(chunk, start); end !== -1; end = findEnd(chunk, start)) {
        hold(chunk.subarray(start, end));
        endEvent(passed, true);
        start = end;
      }
      hold(chunk.subarray(start));
      if (heldLength > maxHeldBytes || (isOverlong && heldLength > 0)) {
        isOverlong = true;
        wasKept = true;
        passed.push(takeHeld());
      }
      return join(passed);
    },
    flush() {
      const passed: Bytes[] = [];
      if (heldLength > 0) endEvent(passed, false);
      return join(passed);
    },
  };
}

export interface EventSplitter {
  /** The bytes that may go on, in order; possibly none. */
  push: (chunk: Bytes) => Bytes;
  /** What was held back when the stream ends or breaks. */
  flush: () => Bytes;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const maxHeldBytes = 8 * 1024 * 1024;
const decoder = new TextDecoder();

/** The event's `data` fields, joined as the standard says. */
function readData(event: Bytes): string | null {
  let data: string | null = null;
  for (const line of decoder.decode(event).split(/\r\n|\r|\n/)) {
    if (!line.startsWith('data:')) continue;
    const value = line.startsWith('data: ') ? line.slice(6) : line.slice(5);
    data = data === null ? value : `${data}\n${value}`;
  }
  return data;
}

function join(parts: readonly Bytes[], length = parts.reduce((sum, part) => sum + part.length, 0)): Bytes {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
