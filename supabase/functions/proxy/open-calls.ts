import { describeError, log } from '../_shared/log.ts';
import type { Call } from './call.ts';
import type { Target } from './choose-route.ts';
import type { Admitted, Ledger } from './ledger.ts';
import { createTally, type Tally } from './tally.ts';

/** A call between its reservation and its settlement: the one thing here that changes while it lives. */
export interface OpenCall {
  readonly call: Call;
  readonly target: Target;
  readonly admitted: Admitted;
  readonly tally: Tally;
  /** Aborted, it ends the call to upstream; the reason is the error code. */
  readonly upstream: AbortController;
  heldOutputTokens: number;
  overheadMs: number;
  firstByteAt: number | null;
  lastByteAt: number;
  upstreamRequestId: string | null;
  isClientGone: boolean;
  isSettled: boolean;
}

/** The calls that are open in this process. Renews their leases, and ends those whose upstream went silent. */
export interface OpenCalls {
  open: (call: Call, target: Target, admitted: Admitted) => OpenCall;
  close: (open: OpenCall) => void;
  all: () => readonly OpenCall[];
}

export function createOpenCalls(
  ledger: Pick<Ledger, 'extend'>,
  config: { readonly leaseSeconds: number; readonly upstreamTimeoutMs: number },
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
      renewLease(ledger, open, config.leaseSeconds);
    }
  };
  return {
    open(call, target, admitted) {
      const open: OpenCall = {
        call,
        target,
        admitted,
        tally: createTally(),
        upstream: new AbortController(),
        heldOutputTokens: admitted.held_output_tokens,
        overheadMs: performance.now() - call.startedAt,
        firstByteAt: null,
        lastByteAt: performance.now(),
        upstreamRequestId: null,
        isClientGone: false,
        isSettled: false,
      };
      calls.add(open);
      timer ??= setInterval(tick, (config.leaseSeconds * 1000) / 3);
      return open;
    },
    close: (open) => void calls.delete(open),
    all: () => [...calls],
  };
}

/** All renewals of an organization land in its lane within one tick, and so go in one array. */
function renewLease(ledger: Pick<Ledger, 'extend'>, open: OpenCall, leaseSeconds: number): void {
  const { id } = open.call;
  const { organization_id: organizationId, created_at } = open.admitted;
  const renewal = { id, created_at, output_tokens: 0, lease_seconds: leaseSeconds };
  ledger.extend(organizationId, renewal).catch((error: unknown) =>
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
