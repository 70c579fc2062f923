import { Buffer } from 'node:buffer';
import { AppError } from '../_shared/errors.ts';
import type { Bytes } from './call.ts';
import type { Member } from './scan-members.ts';

/** A multipart form as far as a call needs it: its texts, where they stand in the bytes, and how much is in files. */
export interface Form {
  readonly fields: Readonly<Record<string, string>>;
  readonly members: ReadonlyMap<string, Member>;
  readonly files: number;
  readonly fileBytes: number;
}

/**
 * The form in a body, which stays as it is. Strict, since upstream must read the same: what parsers might take in two
 * ways is refused. Throws `invalid_request` and `duplicate_member`.
 */
export function readForm(contentType: string, bytes: Bytes): Form {
  const [, quoted, plain] = only(contentType, /boundary=(?:"([^"]+)"|([^\s;,"]+))/gi);
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw broken();
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const members = new Map<string, Member>();
  const names = new Set<string>();
  const fields: Record<string, string> = {};
  let files = 0;
  let fileBytes = 0;
  for (const part of splitParts(body, boundary)) {
    const [, disposition = ''] = only(part.head, /^content-disposition:(.*)$/gim);
    const [, key = ''] = only(disposition, /[;\s]name="([^"\\]*)"/gi);
    if (names.has(key) && !mayRepeat(key)) throw new AppError('duplicate_member', { param: key });
    names.add(key);
    if (/[;\s]filename\*?=/i.test(disposition)) {
      files++;
      fileBytes += part.end - part.start;
      continue;
    }
    members.set(key, { key, start: part.start, end: part.end });
    fields[key] = body.toString('utf8', part.start, part.end);
  }
  return { fields, members, files, fileBytes };
}

/** Lists: of images, of options. */
function mayRepeat(name: string): boolean {
  return name.endsWith('[]') || name === 'image';
}

/** The groups of a pattern that is there once. */
function only(text: string, pattern: RegExp): RegExpMatchArray {
  const [match, ...others] = text.matchAll(pattern);
  if (match === undefined || others.length > 0) throw broken();
  return match;
}

interface Part {
  readonly head: string;
  readonly start: number;
  readonly end: number;
}

const lineEnd = '\r\n';
const maxHeadBytes = 16_384;
const maxParts = 1_000;

function splitParts(body: Buffer, boundary: string): Part[] {
  const delimiter = `--${boundary}`;
  const parts: Part[] = [];
  let at = body.indexOf(delimiter);
  if (at > 0 && body.toString('latin1', at - lineEnd.length, at) !== lineEnd) throw broken();
  while (at !== -1 && parts.length <= maxParts) {
    const headAt = at + delimiter.length + lineEnd.length;
    const afterDelimiter = body.toString('latin1', headAt - lineEnd.length, headAt);
    if (afterDelimiter === '--') return parts;
    const headEnd = body.indexOf(lineEnd + lineEnd, headAt - lineEnd.length);
    const end = body.indexOf(lineEnd + delimiter, headEnd);
    if (afterDelimiter !== lineEnd || headEnd === -1 || end === -1 || headEnd - headAt > maxHeadBytes) break;
    const start = headEnd + 2 * lineEnd.length;
    // An empty value's line end is the delimiter's as well.
    parts.push({ head: body.toString('utf8', headAt, headEnd), start, end: Math.max(start, end) });
    at = end + lineEnd.length;
  }
  throw broken();
}

function broken(): AppError {
  return new AppError('invalid_request', { reason: 'The body is not a whole multipart form.' });
}
