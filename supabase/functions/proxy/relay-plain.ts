import { AppError } from '../_shared/errors.ts';
import type { Bytes } from './call.ts';
import { capture } from './capture-bodies.ts';
import { clientHeaders } from './client-headers.ts';
import { keepAnswer } from './keep-answer.ts';
import { isTight } from './is-tight.ts';
import { isJsonObject, type JsonObject, parseJson } from './json-object.ts';
import type { OpenCall } from './open-calls.ts';
import { readErrorCode } from './providers/read-openai.ts';
import type { Proxy } from './proxy.ts';
import { quoteCost } from './quote-cost.ts';
import { scanMembers } from './scan-members.ts';
import { baseOf } from './send-upstream.ts';
import { guessUnseenOutput, type Outcome, settleForClient, usageOf } from './settle.ts';
import { type Answer, translatePlain } from './translate/translate-plain.ts';

/**
 * Hands on an answer that came as a whole, byte for byte, with its cost. It only waits for the ledger where we cannot say
 * that ourselves, or room is scarce. Throws `provider_credential_rejected` for a 401, which would tell the client that its own
 * key is wrong.
 */
export async function relayPlain(proxy: Proxy, open: OpenCall, upstream: Response): Promise<Response> {
  const bytes = await readAll(proxy, open, upstream);
  const { isTranslated, provider } = open.target;
  const whole = { status: upstream.status, bytes };
  const answer = isTranslated ? translatePlain(whole) : whole;
  const answered = isTranslated ? asJson(upstream.headers) : upstream.headers;
  if (open.bodies !== null) capture(open.bodies.response, answer.bytes);
  if (open.cacheEntry !== null) {
    open.cacheEntry.contentType = answered.get('content-type') ?? '';
    capture(open.cacheEntry.answer, answer.bytes);
  }
  keepAnswer(open, answer.bytes);
  const outcome = judgeAnswered(judge(open, upstream.status, bytes), whole, answer);
  // What attempts before this one cost, only the ledger knows.
  const quote =
    open.attempts > 1 ? null : quoteCost(open.admitted.price, usageOf(open, outcome.charge).usage);
  const settled = await settleForClient(proxy, open, outcome, quote === null || isTight(open));
  const cost = quote ?? settled?.cost_usd ?? null;
  if (upstream.status === 401) {
    throw new AppError('provider_credential_rejected', { provider: provider.name });
  }
  const headers = clientHeaders(answered, open.call, {
    costUsd: cost,
    budgetRemainingUsd: open.admitted.budget_remaining_usd,
    rates: open.admitted.rates,
    cacheMark: open.cacheMark,
  });
  return new Response(hasNoBody(answer.status) ? null : answer.bytes, { status: answer.status, headers });
}

const longBytes = 64 * 1024;
const decoder = new TextDecoder();

async function readAll(proxy: Proxy, open: OpenCall, upstream: Response): Promise<Bytes> {
  const { signal } = open.upstream;
  // Once garbage was collected, Deno's fetch has forgotten the signal that it was given.
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = (): void => reject(new Error(String(signal.reason)));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    const bytes = new Uint8Array(await Promise.race([upstream.arrayBuffer(), aborted]));
    // Its connection was busy until now, and may carry the next call.
    proxy.connectWatch.noteAnswer(baseOf(proxy, open));
    return bytes;
  } catch (cause) {
    const code = signal.reason === 'upstream_timeout' ? 'upstream_timeout' : 'upstream_disconnected';
    const error = open.stoppedBy ?? new AppError(open.isClientGone ? 'client_closed' : code, {}, { cause });
    await settleForClient(proxy, open, {
      status: open.isClientGone ? 'aborted' : 'failed',
      httpStatus: error.status,
      errorCode: error.code,
      // An answer that is an error was no work.
      charge: upstream.ok ? guessUnseenOutput(open) : 'nothing',
    });
    throw error;
  }
}

function judge(open: OpenCall, status: number, bytes: Bytes): Outcome {
  if (status === 401) {
    return {
      status: 'failed',
      httpStatus: 502,
      errorCode: 'provider_credential_rejected',
      charge: 'nothing',
    };
  }
  if (status < 200 || status > 299) {
    const errorCode = readFailure(bytes) ?? `upstream_${status}`;
    return { status: 'failed', httpStatus: status, errorCode, charge: 'nothing' };
  }
  const { members, isBroken } = readMembers(bytes, open.target.provider.answerMembers);
  // How much of it is text, nobody can tell: no more than was held for it.
  const charge = { unseenOutputTokens: Math.min(Math.ceil(bytes.length / 4), open.heldOutputTokens) };
  if (members !== null) open.target.provider.readAnswer(members, open.tally);
  if (isBroken) {
    return { status: 'failed', httpStatus: status, errorCode: 'malformed_upstream_response', charge };
  }
  const { errorCode } = open.tally;
  if (errorCode !== null) {
    const worked = open.tally.rawUsage === null ? 'nothing' : 'seen';
    return { status: 'failed', httpStatus: status, errorCode, charge: worked };
  }
  return { status: open.isClientGone ? 'aborted' : 'succeeded', httpStatus: status, charge };
}

/** Whatever came, what it was translated to is JSON. */
function asJson(upstream: Headers): Headers {
  const headers = new Headers(upstream);
  headers.set('content-type', 'application/json');
  return headers;
}

/** What the client is answered, where that is not what upstream did: a success that had no translation failed. */
function judgeAnswered(judged: Outcome, whole: Answer, answer: Answer): Outcome {
  if (answer.status === whole.status || whole.status === 401) return judged;
  const isUnreadable = judged.status === 'succeeded';
  const failed = isUnreadable
    ? ({ status: 'failed', errorCode: 'malformed_upstream_response' } as const)
    : {};
  return { ...judged, ...failed, httpStatus: answer.status };
}

/** Of a long answer, which with embeddings may be many megabytes, only the few members are parsed that are read. */
function readMembers(
  bytes: Bytes,
  names: readonly string[],
): { members: JsonObject | null; isBroken: boolean } {
  if (bytes.length <= longBytes) {
    const answer = parseJson(decoder.decode(bytes));
    if (isJsonObject(answer)) return { members: answer, isBroken: false };
  }
  const members = pickMembers(bytes, names);
  return { members, isBroken: members === null || bytes.length <= longBytes };
}

function pickMembers(bytes: Bytes, names: readonly string[]): JsonObject | null {
  const members = scanMembers(bytes);
  if (members === null) return null;
  const picked: Record<string, unknown> = {};
  for (const { key, start, end } of members) {
    if (names.includes(key)) picked[key] = parseJson(decoder.decode(bytes.subarray(start, end)));
  }
  return picked;
}

function readFailure(bytes: Bytes): string | null {
  const body = parseJson(decoder.decode(bytes.subarray(0, 65_536)));
  return isJsonObject(body) ? readErrorCode(body.error) : null;
}

function hasNoBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}
