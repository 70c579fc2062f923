import { formatCompact, formatPlural } from '@/lib/numbers.ts';
import type { RateLimit } from './rate-limit-queries.ts';

/** `60 requests a minute, 5 calls at once`; empty where nothing is limited. */
export function describeRateLimit({ requests, tokens, openCalls }: RateLimit): string {
  return [
    requests.limit === null ? '' : `${formatPlural(requests.limit, 'request')} a minute`,
    tokens.limit === null ? '' : `${formatCompact(tokens.limit)} tokens a minute`,
    openCalls.limit === null ? '' : `${formatPlural(openCalls.limit, 'call')} at once`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}
