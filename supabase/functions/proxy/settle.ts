import { describeError, log } from '../_shared/log.ts';
import { inBackground } from './background.ts';
import { after } from './deadlines.ts';
import { cleanText, isStorable } from './clean-text.ts';
import { isTight } from './is-tight.ts';
import { wholeAnswer } from './keep-answer.ts';
import { logBodies } from './log-bodies.ts';
import { rememberAnswer } from './remember-answer.ts';
import type { Ledger, Settled, Settlement } from './ledger.ts';
import type { OpenCall } from './open-calls.ts';
import { pause } from './pause.ts';
import type { Proxy } from './proxy.ts';
import { estimateOutputTokens, noUsage, type TokenUsage } from './tally.ts';
import { within } from './within.ts';

export interface Outcome {
  readonly status: Settlement['status'];
  /** What the client was answered. */
  readonly httpStatus: number | null;
  readonly errorCode?: string | null;
  readonly charge: Charge;
  /** The response cache answered: what the call cost whose answer it was. */
  readonly saved?: { readonly usd: string | null };
}

/** `nothing`: upstream did no work. `input`: it may have read. `seen`: what passed by. Else output nobody saw. */
export type Charge = 'nothing' | 'input' | 'seen' | { readonly unseenOutputTokens: number };

/**
 * Settles a call, once: later attempts answer null at once. Null also if the ledger does not answer now; the
 * settlement is then tried again in the background until it is written.
 */
export async function settle(
  proxy: Proxy,
  open: OpenCall,
  outcome: Outcome,
  isAwaited = isTight(open),
): Promise<Settled | null> {
  if (open.isSettled) return null;
  open.isSettled = true;
  proxy.openCalls.close(open);
  const settlement = describe(open, outcome);
  const organizationId = open.admitted.organization_id;
  const settled = await proxy.ledger.settle(organizationId, settlement, isAwaited).catch((error: unknown) => {
    inBackground('settle_again', settleAgain(proxy.ledger, organizationId, settlement, error));
    return null;
  });
  // Nobody who waits for the answer waits for the log.
  after(0, () => {
    logCall(open, settlement, settled);
    proxy.tracer?.record(open, settlement, settled);
  });
  if (open.bodies !== null) inBackground('log_bodies', logBodies(proxy, open, open.bodies));
  const isWhole = outcome.status === 'succeeded' && outcome.httpStatus === 200;
  if (isWhole && settled !== null && open.cacheEntry !== null)
    inBackground('remember_answer', rememberAnswer(proxy, open, open.cacheEntry, settled));
  return settled;
}

/** Settles a call whose client is about to have the end of its answer, which waits for that where it must; not for long. */
export async function settleForClient(
  proxy: Proxy,
  open: OpenCall,
  outcome: Outcome,
  isAwaited = isTight(open),
): Promise<Settled | null> {
  const settling = settle(proxy, open, outcome, isAwaited);
  inBackground('settle', settling);
  return isAwaited ? within(settling, maxWaitMs) : null;
}

/** Output that was being made when nobody could see it: what the hold covers, but no more than time allowed. */
export function guessUnseenOutput(open: OpenCall): Charge {
  const seconds = (performance.now() - open.attemptStartedAt) / 1000;
  const made = Math.ceil(seconds * fastestTokensPerSecond);
  return { unseenOutputTokens: Math.max(Math.min(open.heldOutputTokens, made), 1) };
}

const maxWaitMs = 2_000;
const fastestTokensPerSecond = 150;
const firstRetryMs = 200;
const longestRetryMs = 10_000;
const giveUpAfterMs = 20 * 60_000;

function describe(open: OpenCall, outcome: Outcome): Settlement {
  const { call, tally } = open;
  const answer = wholeAnswer(open, outcome);
  const now = performance.now();
  return {
    id: call.id,
    created_at: open.admitted.created_at,
    status: outcome.status,
    http_status: outcome.httpStatus,
    error_code: cleanText(outcome.errorCode, 100),
    served_model: cleanText(tally.servedModel, 200),
    ...usageOf(open, outcome.charge),
    raw_usage: isStorable(tally.rawUsage) ? tally.rawUsage : null,
    latency_ms: milliseconds(now - call.startedAt),
    first_byte_ms: open.firstByteAt === null ? null : milliseconds(open.firstByteAt - call.startedAt),
    overhead_ms: milliseconds(open.overheadMs ?? now - call.startedAt),
    upstream_request_id: cleanText(open.upstreamRequestId, 200),
    upstream_failure: upstreamFailureOf(open, outcome),
    ...(outcome.saved && { is_cached: true, saved_usd: outcome.saved.usd }),
    ...(answer !== null && { answer }),
  };
}

/** What the provider is to blame for, unless the ledger was told when it was asked who comes next. */
function upstreamFailureOf(
  open: OpenCall,
  { status, httpStatus, errorCode }: Outcome,
): Settlement['upstream_failure'] {
  const isTheirs = status === 'failed' && httpStatus !== null && (httpStatus === 429 || httpStatus >= 500);
  if (!isTheirs || open.failureIsRecorded || open.stoppedBy !== null) return null;
  return { code: errorCode ?? `upstream_${httpStatus}`, retry_after_seconds: null };
}

/** The tokens that a call is charged, and where the figure comes from. */
export function usageOf(open: OpenCall, charge: Charge): Pick<Settlement, 'usage' | 'usage_source'> {
  const { call, tally, target } = open;
  const { operation } = call.route;
  // Counting tokens is free at the provider.
  if (charge === 'nothing' || operation === 'count_tokens')
    return { usage: noUsage, usage_source: 'reported' };
  const tier = cleanText(tally.serviceTier, 40);
  const read = tally.rawUsage === null ? null : target.provider.readUsage(tally.rawUsage);
  if (read !== null && tally.usageIsFinal) {
    return { usage: { ...read, service_tier: read.service_tier ?? tier }, usage_source: 'reported' };
  }
  const known: TokenUsage = read ?? { ...noUsage, input_tokens: call.inputTokens };
  const output = operation === 'embeddings' || charge === 'input' ? 0 : estimateOutput(open, charge);
  return {
    usage: { ...known, output_tokens: output, reasoning_tokens: 0, service_tier: known.service_tier ?? tier },
    usage_source: 'estimated',
  };
}

/** At least one token: an answer that began was never free. And no more than the call allowed. */
function estimateOutput(open: OpenCall, charge: Exclude<Charge, 'nothing' | 'input'>): number {
  const { route, maxOutputTokens } = open.call;
  // The size of an image says nothing about its tokens; what was asked for does.
  if (route.operation.startsWith('images.')) return maxOutputTokens ?? open.heldOutputTokens;
  const seen = estimateOutputTokens(open.tally);
  const made = Math.max(seen, charge === 'seen' ? 1 : charge.unseenOutputTokens);
  return Math.min(made, maxOutputTokens || Infinity);
}

/** A settlement is money: tried until it is written, and if it never is, at least it stands whole in the log. */
async function settleAgain(ledger: Ledger, organizationId: string, settlement: Settlement, first: unknown) {
  const startedAt = performance.now();
  let error = first;
  let delayMs = firstRetryMs;
  while (performance.now() - startedAt < giveUpAfterMs) {
    await pause(delayMs);
    try {
      return await ledger.settle(organizationId, settlement, true);
    } catch (again) {
      error = again;
      delayMs = Math.min(delayMs * 2, longestRetryMs);
    }
  }
  log({
    level: 'error',
    service: 'proxy',
    action: 'settlement_lost',
    requestId: settlement.id,
    organizationId,
    metadata: { error: describeError(error), settlement },
  });
  return null;
}

function logCall(open: OpenCall, settlement: Settlement, settled: Settled | null): void {
  const { call, target, admitted } = open;
  log({
    level: settlement.status === 'failed' ? 'warn' : 'info',
    service: 'proxy',
    requestId: call.id,
    userId: call.attribution.userId,
    organizationId: admitted.organization_id,
    action: call.route.operation,
    durationMs: settlement.latency_ms,
    metadata: {
      provider: target.provider.name,
      model: target.model,
      stream: call.stream,
      status: settlement.status,
      httpStatus: settlement.http_status,
      errorCode: settlement.error_code,
      usageSource: settlement.usage_source,
      costUsd: settled?.cost_usd ?? null,
      firstByteMs: settlement.first_byte_ms,
      overheadMs: settlement.overhead_ms,
    },
  });
}

function milliseconds(duration: number): number {
  return Math.round(duration * 1000) / 1000;
}
