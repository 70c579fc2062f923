import { AppError } from '../_shared/errors.ts';
import { inBackground } from './background.ts';
import type { Caller } from '../_shared/identify-caller.ts';
import type { Call } from './call.ts';
import { usualEndpoint, type Wish } from './choose-route.ts';
import { NoAnswer, type ReserveCall, type Reservation, type Settlement } from './ledger.ts';
import type { OpenCall } from './open-calls.ts';
import type { Proxy } from './proxy.ts';
import { refusalOf } from './refusal-of.ts';
import { noUsage } from './tally.ts';
import { within } from './within.ts';

/**
 * Admits a call: its ledger row and hold are committed when this returns. Throws what the ledger refused,
 * or `ledger_unavailable`.
 */
export async function reserve(proxy: Proxy, caller: Caller, call: Call, wish: Wish): Promise<OpenCall> {
  const described = describeCall(proxy, caller, call, wish);
  const reserving = proxy.ledger.reserve(described);
  let reservation: Reservation | null;
  try {
    reservation = await within(reserving, maxWaitMs);
  } catch (error) {
    inBackground('abandon_call', abandonLater(proxy, call, reserving));
    throw new AppError('ledger_unavailable', {}, { cause: error });
  }
  if (reservation === null) {
    inBackground('abandon_call', abandonLater(proxy, call, reserving));
    throw new AppError('ledger_unavailable');
  }
  if (reservation.ok) return proxy.openCalls.open(call, described, reservation);
  if (reservation.code === 'wrong_endpoint')
    throw new AppError('wrong_endpoint', { model: call.model, endpoint: usualEndpoint });
  throw refusalOf(proxy.config, reservation);
}

const maxWaitMs = 15_000;
const maxOutcomeMs = 60_000;

function describeCall(proxy: Proxy, caller: Caller, call: Call, wish: Wish): ReserveCall {
  const { attribution } = call;
  return {
    id: call.id,
    key_id: caller.keyId,
    key_hash: caller.keyHash,
    dialect: call.route.dialect,
    operation: call.route.operation,
    provider: wish.provider,
    model: wish.model,
    providers: wish.providers,
    stream: call.stream,
    input_tokens: call.inputTokens,
    max_output_tokens: call.maxOutputTokens,
    user_id: attribution.userId,
    agent_id: attribution.agentId,
    task_id: attribution.taskId,
    tags: attribution.tags,
    lease_seconds: proxy.config.leaseSeconds,
    ...(call.isInternal === true && { is_internal: true }),
  };
}

/** Once it is known what became of the reservation: an attempt before it is committed would find nothing. */
async function abandonLater(proxy: Proxy, call: Call, reserving: Promise<unknown>): Promise<void> {
  const error: unknown = await reserving.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof NoAnswer)
    await within(
      error.outcome.catch(() => null),
      maxOutcomeMs,
    );
  await abandon(proxy, call);
}

/** Whether the reservation was committed is unknown, but no call was made: give the hold back, if there is one. */
async function abandon(proxy: Proxy, call: Call): Promise<void> {
  const settlement: Settlement = {
    id: call.id,
    created_at: null,
    status: 'failed',
    http_status: 503,
    error_code: 'ledger_unavailable',
    usage_source: 'reported',
    served_model: null,
    usage: noUsage,
    raw_usage: null,
    latency_ms: Math.round(performance.now() - call.startedAt),
    first_byte_ms: null,
    overhead_ms: 0,
    upstream_request_id: null,
    upstream_failure: null,
  };
  // Tried once: while the database is away such calls would pile up, and the sweeper finds what is left.
  await proxy.ledger.settle(null, settlement, false).catch(() => null);
}
