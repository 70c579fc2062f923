import type { Bytes } from './call.ts';
import { parseJson } from './json-object.ts';

/** One member of a JSON object and where its value stands in the bytes. */
export interface Member {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The members of the object that begins at `from`, in order, without building any value. Null if the bytes are no
 * object, its outline is broken, or it is nested deeper than anybody means; what is nested is only checked for balance.
 */
export function scanMembers(bytes: Bytes, from = 0, mustEndBytes = from === 0): Member[] | null {
  let at = skipSpace(bytes, from);
  if (bytes[at] !== openBrace) return null;
  const members: Member[] = [];
  at = skipSpace(bytes, at + 1);
  if (bytes[at] === closeBrace) return ends(bytes, at, mustEndBytes) ? members : null;
  while (bytes[at] === quote) {
    const keyEnd = skipString(bytes, at);
    const colonAt = skipSpace(bytes, keyEnd);
    if (bytes[colonAt] !== colon) return null;
    const start = skipSpace(bytes, colonAt + 1);
    const end = skipValue(bytes, start);
    if (end <= start) return null;
    members.push({ key: readKey(bytes, at, keyEnd), start, end });
    at = skipSpace(bytes, end);
    if (bytes[at] === closeBrace) return ends(bytes, at, mustEndBytes) ? members : null;
    if (bytes[at] !== comma) return null;
    at = skipSpace(bytes, at + 1);
  }
  return null;
}

const maxDepth = 1_000;
const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const decoder = new TextDecoder();

function ends(bytes: Bytes, closeAt: number, mustEndBytes: boolean): boolean {
  return !mustEndBytes || skipSpace(bytes, closeAt + 1) === bytes.length;
}

function readKey(bytes: Bytes, start: number, end: number): string {
  let key = '';
  for (let at = start + 1; at < end - 1; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === backslash || byte > 0x7e) return decodeKey(bytes.subarray(start, end));
    key += String.fromCharCode(byte);
  }
  return key;
}

function decodeKey(literal: Bytes): string {
  const text = decoder.decode(literal);
  const parsed = parseJson(text);
  return typeof parsed === 'string' ? parsed : text;
}

function skipSpace(bytes: Bytes, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at++;
  }
}

/** Behind the closing quote, or the end of the bytes. Jumps from quote to quote, so that long strings cost little. */
function skipString(bytes: Bytes, from: number): number {
  let at = from;
  for (;;) {
    at = bytes.indexOf(quote, at + 1);
    if (at === -1) return bytes.length;
    let slashes = 0;
    while (bytes[at - 1 - slashes] === backslash) slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
}

/** Behind the value, or `from` if there is none. */
function skipValue(bytes: Bytes, from: number): number {
  const first = bytes[from];
  if (first === quote) return skipString(bytes, from);
  return first === openBrace || first === openBracket ? skipNested(bytes, from) : skipLiteral(bytes, from);
}

function skipNested(bytes: Bytes, from: number): number {
  let depth = 0;
  let at = from;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte === quote) {
      at = skipString(bytes, at);
      continue;
    }
    at++;
    if (byte === openBrace || byte === openBracket) {
      depth++;
      if (depth > maxDepth) return from;
    } else if (byte === closeBrace || byte === closeBracket) {
      depth--;
      if (depth === 0) return at;
    }
  }
  return from;
}

/** Numbers, true, false and null: letters, digits, sign and point. */
function skipLiteral(bytes: Bytes, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at] ?? 0;
    const isWord = (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x45;
    if (!isWord && byte !== 0x2b && byte !== 0x2d && byte !== 0x2e) return at;
    at++;
  }
}
