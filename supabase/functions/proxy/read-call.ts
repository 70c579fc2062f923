import { AppError } from '../_shared/errors.ts';
import type { Arrival, Bytes, Call, Dialect, Operation } from './call.ts';
import { cleanText } from './clean-text.ts';
import { estimateInput } from './estimate-input.ts';
import { estimateImagesIn, estimateImagesOut, estimateSpeech } from './estimate-media.ts';
import { countOf, isJsonObject, type JsonObject } from './json-object.ts';
import { mayRepeat } from './may-repeat.ts';
import { readAttribution } from './read-attribution.ts';
import { readCacheWish } from './read-cache-wish.ts';
import { type Form, readForm } from './read-form.ts';
import { type Member, scanMembers } from './scan-members.ts';

/** A call, and where in its bytes the members stand that may have to be spliced. */
export interface ReadCall {
  readonly call: Call;
  readonly members: ReadonlyMap<string, Member>;
  readonly isForm: boolean;
}

/** What the ledger and the route need to know of a body. The body itself is never changed here, and never logged. */
export function readCall(arrival: Arrival, headers: Headers, bytes: Bytes): ReadCall {
  const { dialect, operation } = arrival.route;
  const form = takesForm.has(operation) ? findForm(headers, bytes) : null;
  const scanned = form === null ? scanMembers(bytes) : null;
  const body: JsonObject = form?.fields ?? parse(bytes, scanned !== null);
  const model = body.model;
  if (typeof model !== 'string' || model === '' || cleanText(model, maxModelLength) !== model) {
    throw new AppError('invalid_request', { reason: 'The body must name a "model".', param: 'model' });
  }
  refuseUnmetered(body, operation);
  const call: Call = {
    ...arrival,
    model,
    stream: streamed.has(operation) && (body.stream === true || (form !== null && body.stream === 'true')),
    decidesUsage: decidesUsage(body.stream_options),
    inputTokens: readInput(body, operation, form, bytes.length),
    maxOutputTokens: readMaxOutput(body, operation),
    attribution: readAttribution(headers, body, dialect),
    cacheSeconds: readCacheWish(headers),
    mayRepeat: mayRepeat(body, operation),
  };
  return { call, members: form?.members ?? pickMembers(scanned ?? [], dialect), isForm: form !== null };
}

const takesForm: ReadonlySet<Operation> = new Set(['images.edits', 'audio.transcriptions']);
const streamed: ReadonlySet<Operation> = new Set([
  'chat.completions',
  'responses',
  'messages',
  'images.generations',
  'images.edits',
  'audio.transcriptions',
]);
const maxModelLength = 200;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const membersRead: Readonly<Record<Dialect, ReadonlySet<string>>> = {
  openai: new Set(
    [
      'model stream stream_options max_tokens max_completion_tokens max_output_tokens n user metadata',
      'messages instructions input tools background',
    ].flatMap((names) => names.split(' ')),
  ),
  anthropic: new Set('model stream max_tokens metadata messages system tools'.split(' ')),
};

function findForm(headers: Headers, bytes: Bytes): Form | null {
  const contentType = headers.get('content-type') ?? '';
  return contentType.toLowerCase().startsWith('multipart/form-data') ? readForm(contentType, bytes) : null;
}

/** What would be answered without saying what it took: nobody would hear what it cost. */
function refuseUnmetered(body: JsonObject, operation: Operation): void {
  if (operation === 'responses' && body.background === true) {
    const reason = 'Responses in the background are not served here. Leave "background" out, or stream.';
    throw new AppError('invalid_request', { reason, param: 'background' });
  }
  if (operation === 'audio.transcriptions' && withoutUsage.has(body.response_format)) {
    const reason = 'Such a transcript does not say what it took. Use json, verbose_json or diarized_json.';
    throw new AppError('invalid_request', { reason, param: 'response_format' });
  }
}

const withoutUsage: ReadonlySet<unknown> = new Set(['text', 'srt', 'vtt']);

function readInput(body: JsonObject, operation: Operation, form: Form | null, size: number): number {
  if (operation === 'count_tokens') return 0;
  const text = estimateInput(body, size);
  if (form === null) return text;
  return operation === 'images.edits'
    ? text + estimateImagesIn(form.files, body.input_fidelity)
    : text + estimateSpeech(form);
}

/** Nested very deep, a body takes a parser a hundred times its size: a long one is parsed only where its outline holds. */
function parse(bytes: Bytes, hasOutline: boolean): JsonObject {
  if (!hasOutline && bytes.length > longBytes) throw new AppError('invalid_json');
  let body: unknown;
  try {
    body = JSON.parse(decoder.decode(bytes));
  } catch {
    throw new AppError('invalid_json');
  }
  if (!isJsonObject(body))
    throw new AppError('invalid_request', { reason: 'The body must be a JSON object.' });
  if (!hasOutline) throw new AppError('invalid_request', { reason: 'The body is nested too deep.' });
  return body;
}

const longBytes = 256 * 1024;

/** Parsers differ on which of two equal members counts; we and upstream must read the same one. */
function pickMembers(scanned: readonly Member[], dialect: Dialect): ReadonlyMap<string, Member> {
  const members = new Map<string, Member>();
  for (const member of scanned) {
    if (!membersRead[dialect].has(member.key)) continue;
    if (members.has(member.key)) throw new AppError('duplicate_member', { param: member.key });
    members.set(member.key, member);
  }
  return members;
}

/** True unless `include_usage` is plainly left out or off: what is asked, or malformed, stays as it is. */
function decidesUsage(options: unknown): boolean {
  if (options === undefined || options === null) return false;
  return !isJsonObject(options) || (options.include_usage ?? false) !== false;
}

function readMaxOutput(body: JsonObject, operation: Operation): number | null {
  if (operation === 'embeddings' || operation === 'count_tokens') return 0;
  if (operation === 'responses') return countOf(body.max_output_tokens);
  if (operation === 'images.generations' || operation === 'images.edits') return estimateImagesOut(body);
  const perChoice = countOf(body.max_completion_tokens ?? body.max_tokens);
  if (perChoice === null) return null;
  const choices = operation === 'chat.completions' ? countOf(body.n) : 1;
  return countOf(perChoice * Math.max(choices ?? 1, 1));
}
