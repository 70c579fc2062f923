import { describeError, log } from '../_shared/log.ts';
import type { ProviderName } from './call.ts';
import { targetOf } from './choose-route.ts';
import { type Failure, isLost } from './judge-attempt.ts';
import type { Reroute } from './ledger.ts';
import type { OpenCall } from './open-calls.ts';
import { pause } from './pause.ts';
import type { Proxy } from './proxy.ts';
import { usageOf } from './settle.ts';

/**
 * Tells the ledger of an attempt that failed, and turns the call to whom it names next. False when nobody is left, the
 * failure would be the same again, or the client would not wait. `standIns` says whom else the call may go to.
 */
export async function reroute(
  proxy: Proxy,
  open: OpenCall,
  failure: Failure,
  incoming: Headers,
  standIns: () => readonly ProviderName[],
): Promise<boolean> {
  const { admitted, call } = open;
  if (!failure.mayBeRetried || isLost(open) || admitted.max_attempts === 1) return false;
  const pauseMs = backoffMs(open.attempts);
  if (performance.now() + pauseMs > deadlineOf(incoming, call.startedAt)) return false;
  try {
    const failed: Reroute = {
      call: { ...open.reserved, providers: standIns() },
      failed_attempts: open.attempts,
      attempt: {
        code: failure.code,
        http_status: failure.httpStatus,
        latency_ms: Math.round(performance.now() - open.attemptStartedAt),
        retry_after_seconds: failure.retryAfterSeconds,
        ...usageOf(open, failure.charge),
      },
    };
    // Where the answer is lost the ledger may have moved the call all the same: told again, it says whereto.
    const tell = () => proxy.ledger.reroute(admitted.organization_id, failed);
    const next = await tell().catch(tell);
    open.failureIsRecorded = true;
    if (!next.ok) return false;
    open.admitted = { ...admitted, ...next };
    open.target = targetOf(next, call.route);
    open.heldOutputTokens = next.held_output_tokens;
    // Somebody else is asked at once; the same one gets a moment.
    if (next.is_repeated) await pause(pauseMs);
    return true;
  } catch (error) {
    const metadata = { error: describeError(error) };
    log({ level: 'warn', service: 'proxy', action: 'reroute', requestId: call.id, metadata });
    return false;
  }
}

const firstBackoffMs = 200;
const usualPatienceMs = 120_000;

/** Doubling, and spread so that calls which failed together do not come back together. */
function backoffMs(attempts: number): number {
  return firstBackoffMs * 2 ** (attempts - 1) * (0.5 + Math.random());
}

/** The official clients say how long they wait, in seconds. */
function deadlineOf(incoming: Headers, startedAt: number): number {
  const seconds = Number(incoming.get('x-stainless-timeout') ?? Number.NaN);
  return startedAt + (seconds > 0 ? seconds * 1000 : usualPatienceMs);
}
