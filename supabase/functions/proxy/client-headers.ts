import { corsHeaders } from '../_shared/http.ts';
import type { Arrival } from './call.ts';
import { rateHeaders, type Rates } from './rate-headers.ts';

/** Upstream's headers for the client. The request id is ours; upstream's stands beside it. */
export function clientHeaders(
  upstream: Headers,
  arrival: Pick<Arrival, 'id' | 'route'>,
  { costUsd = null, budgetRemainingUsd, rates, cacheMark = null }: AnswerFacts = {},
): [string, string][] {
  const headers = ownHeaders(arrival, rates);
  const ours = new Set(headers.map(([name]) => name));
  for (const [name, value] of upstream) {
    if (name === 'x-request-id' || name === 'request-id') headers.push(['x-khq-upstream-request-id', value]);
    else if (!dropped.has(name) && !ours.has(name) && !name.startsWith('access-control-'))
      headers.push([name, value]);
  }
  if (costUsd !== null) headers.push(['x-khq-cost-usd', costUsd]);
  if (budgetRemainingUsd != null) headers.push(['x-khq-budget-remaining-usd', budgetRemainingUsd]);
  if (cacheMark !== null) headers.push(['x-khq-cache', cacheMark]);
  return headers;
}

/** Dollars as decimal text: what the call cost, and the room that was left in its tightest budget when it began. */
interface AnswerFacts {
  readonly costUsd?: string | null;
  readonly budgetRemainingUsd?: string | null | undefined;
  readonly rates?: Rates | null | undefined;
  /** What became of the response cache, where it was asked for. */
  readonly cacheMark?: string | null;
}

/** What every answer carries, ours or upstream's. */
export function ownHeaders(
  { id, route }: Pick<Arrival, 'id' | 'route'>,
  rates?: Rates | null,
): [string, string][] {
  const headers: [string, string][] = corsHeaders.map(([name, value]) => [name, value]);
  headers.push(['x-request-id', id]);
  if (route.dialect === 'anthropic') headers.push(['request-id', id]);
  if (rates != null) headers.push(...rateHeaders(route.dialect, rates));
  return headers;
}

export function readUpstreamRequestId(upstream: Headers): string | null {
  return upstream.get('x-request-id') ?? upstream.get('request-id');
}

const perHop = 'connection keep-alive proxy-authenticate te trailer transfer-encoding upgrade';
/** The runtime frames the answer anew; the rest would speak for our origin. */
const replaced = 'content-length set-cookie alt-svc strict-transport-security';
const dropped = new Set(`${perHop} ${replaced}`.split(' '));
