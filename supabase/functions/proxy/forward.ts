import { AppError } from '../_shared/errors.ts';
import type { ProviderName } from './call.ts';
import { type Target, targetOf } from './choose-route.ts';
import { readUpstreamRequestId } from './client-headers.ts';
import { isLost, judgeAnswer, judgeError, type Failure } from './judge-attempt.ts';
import { type OpenCall, renewAttempt } from './open-calls.ts';
import type { Proxy } from './proxy.ts';
import { reroute } from './reroute.ts';
import { sendUpstream } from './send-upstream.ts';
import { settleForClient } from './settle.ts';
import type { UpstreamRequest } from './write-request.ts';

type WriteRequest = (target: Target) => UpstreamRequest;

/** An answer of which nothing has reached the client yet. */
export interface Forwarded {
  readonly upstream: Response;
  readonly hidesUsage: boolean;
}

/**
 * Sends the call to its provider and answers when the status line is there. What fails before that is tried again, with
 * whom the ledger names, as long as it names anyone and the client waits. An answer that is no success is handed on as
 * it is; without any the call is settled here, and what went wrong is thrown.
 */
export async function forward(
  proxy: Proxy,
  open: OpenCall,
  incoming: Headers,
  write: WriteRequest,
): Promise<Forwarded> {
  for (;;) {
    const { answer, failure } = await attempt(proxy, open, incoming, write);
    if (answer !== null && failure === null) return answer;
    if (failure !== null && (await reroute(proxy, open, failure, incoming, () => standIns(open, write)))) {
      await answer?.upstream.body?.cancel().catch(() => {});
      renewAttempt(open);
      continue;
    }
    if (answer !== null) return answer;
    throw await giveUp(proxy, open, failure);
  }
}

/** Who can be asked the same. Of others the client would hear what it may not ask, in place of what has failed. */
function standIns({ reserved, call, target }: OpenCall, write: WriteRequest): ProviderName[] {
  return reserved.providers.filter((provider) => {
    const other = targetOf({ provider, model: target.model }, call.route);
    try {
      return !other.isTranslated || write(other).bytes.length > 0;
    } catch {
      return false;
    }
  });
}

interface Attempt {
  readonly answer: Forwarded | null;
  readonly failure: Failure | null;
}

async function attempt(
  proxy: Proxy,
  open: OpenCall,
  incoming: Headers,
  write: WriteRequest,
): Promise<Attempt> {
  try {
    if (isLost(open)) throw new AppError('client_closed');
    const request = write(open.target);
    const upstream = await sendUpstream(proxy, open, request.bytes, incoming);
    open.firstByteAt = open.lastByteAt = performance.now();
    open.upstreamRequestId = readUpstreamRequestId(upstream.headers);
    return { answer: { upstream, hidesUsage: request.hidesUsage }, failure: judgeAnswer(upstream) };
  } catch (cause) {
    return { answer: null, failure: judgeError(proxy, open, cause) };
  }
}

/** Settles the call that nobody answered, and says as what it failed. */
async function giveUp(proxy: Proxy, open: OpenCall, failure: Failure | null): Promise<AppError> {
  const error = failure?.error ?? new AppError('internal');
  const status = open.isClientGone ? 'aborted' : 'failed';
  const charge = failure?.charge ?? 'nothing';
  await settleForClient(proxy, open, { status, httpStatus: error.status, errorCode: error.code, charge });
  return error;
}
