import type { AppError } from '../_shared/errors.ts';
import { describeError, log } from '../_shared/log.ts';
import type { Call } from './call.ts';
import type { CapturedBodies } from './capture-bodies.ts';
import type { CacheEntry } from './consult-cache.ts';
import { type Target, targetOf } from './choose-route.ts';
import type { KeptAnswer } from './keep-answer.ts';
import type { Admitted, Ledger, ReserveCall } from './ledger.ts';
import type { ProxyConfig } from './proxy.ts';
import { refusalOf } from './refusal-of.ts';
import { createTally, type Tally } from './tally.ts';

/** A call between its reservation and its settlement: the one thing here that changes while it lives. */
export interface OpenCall {
  readonly call: Call;
  /** As the ledger was asked to admit it. */
  readonly reserved: ReserveCall;
  /** Who is asked at present, and on what terms; another attempt may change both. */
  target: Target;
  admitted: Admitted;
  tally: Tally;
  /** Aborted, it ends the attempt that is under way; the reason is the error code. */
  upstream: AbortController;
  attempts: number;
  attemptStartedAt: number;
  /** The ledger knows why the latest attempt failed. */
  failureIsRecorded: boolean;
  heldOutputTokens: number;
  /** What the first attempt waited for before it was sent; null until then. */
  overheadMs: number | null;
  firstByteAt: number | null;
  lastByteAt: number;
  upstreamRequestId: string | null;
  isClientGone: boolean;
  /** Why we ended it before upstream did. */
  stoppedBy: AppError | null;
  isSettled: boolean;
  /** Null where its project logs no bodies. */
  bodies: CapturedBodies | null;
  /** What the client is told of the response cache; null where nobody asked for it. */
  cacheMark: 'hit' | 'miss' | 'bypass' | null;
  cacheEntry: CacheEntry | null;
  /** Null unless it is an internal call. */
  readonly keptAnswer: KeptAnswer | null;
}

/** Begins another attempt: nothing of the one before is left but what it cost. */
export function renewAttempt(open: OpenCall): void {
  open.tally = createTally();
  open.upstream = new AbortController();
  open.attempts++;
  open.attemptStartedAt = open.lastByteAt = performance.now();
  open.failureIsRecorded = false;
  open.firstByteAt = null;
  open.upstreamRequestId = null;
}

/** Ends a call that may not go on: upstream is cancelled, and whoever relays it tells the client. */
export function stopCall(open: OpenCall, error: AppError): void {
  if (open.isSettled || open.stoppedBy !== null) return;
  open.stoppedBy = error;
  open.upstream.abort(error.code);
}

/** The calls that are open in this process. Renews their leases, and ends those whose upstream went silent. */
export interface OpenCalls {
  open: (call: Call, reserved: ReserveCall, admitted: Admitted) => OpenCall;
  close: (open: OpenCall) => void;
  all: () => readonly OpenCall[];
  /** Asks the ledger about each at once, and stops those that may not go on. */
  recheck: () => void;
}

export function createOpenCalls(
  ledger: Pick<Ledger, 'extend'>,
  config: Pick<ProxyConfig, 'leaseSeconds' | 'upstreamTimeoutMs' | 'appUrl'>,
): OpenCalls {
  const calls = new Set<OpenCall>();
  let timer: ReturnType<typeof setInterval> | undefined;
  const tick = (): void => {
    if (calls.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
    for (const open of calls) {
      if (performance.now() - open.lastByteAt > config.upstreamTimeoutMs)
        open.upstream.abort('upstream_timeout');
      renewLease(ledger, open, config);
    }
  };
  return {
    open(call, reserved, admitted) {
      const open: OpenCall = {
        call,
        reserved,
        target: targetOf(admitted, call.route),
        // Whoever asked may have died: the answer is kept for its successor.
        admitted: call.isInternal === true ? { ...admitted, on_client_abort: 'drain' } : admitted,
        tally: createTally(),
        upstream: new AbortController(),
        attempts: 1,
        attemptStartedAt: performance.now(),
        failureIsRecorded: false,
        heldOutputTokens: admitted.held_output_tokens,
        overheadMs: null,
        firstByteAt: null,
        lastByteAt: performance.now(),
        upstreamRequestId: null,
        isClientGone: false,
        stoppedBy: null,
        isSettled: false,
        bodies: null,
        cacheMark: null,
        cacheEntry: null,
        keptAnswer: call.isInternal === true ? { chunks: [], size: 0 } : null,
      };
      calls.add(open);
      timer ??= setInterval(tick, (config.leaseSeconds * 1000) / 3);
      return open;
    },
    close: (open) => void calls.delete(open),
    all: () => [...calls],
    recheck: () => {
      for (const open of calls) renewLease(ledger, open, config);
    },
  };
}

const endsCalls: ReadonlySet<string> = new Set(['frozen', 'call_cancelled']);

/** All renewals of an organization land in its lane within one tick, and so go in one array. */
function renewLease(
  ledger: Pick<Ledger, 'extend'>,
  open: OpenCall,
  config: Pick<ProxyConfig, 'leaseSeconds' | 'appUrl'>,
): void {
  const { id } = open.call;
  const { organization_id: organizationId, created_at } = open.admitted;
  const renewal = { id, created_at, output_tokens: 0, lease_seconds: config.leaseSeconds };
  ledger.extend(organizationId, renewal).then(
    (answer) => {
      if (!answer.ok && endsCalls.has(answer.code)) stopCall(open, refusalOf(config, answer));
    },
    (error: unknown) =>
      // The sweeper may close the call now; its settlement replaces that.
      log({
        level: 'warn',
        service: 'proxy',
        action: 'renew_lease',
        requestId: id,
        organizationId,
        metadata: { error: describeError(error) },
      }),
  );
}
