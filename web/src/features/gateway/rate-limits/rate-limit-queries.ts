import { queryOptions } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';
import { isRateScope, type RateScope, rateScopes } from './rate-limit-words.ts';

/** `limit`: null where it is not limited. */
export type Allowance = { used: number; limit: number | null };

export type RateLimit = {
  id: string;
  scope: RateScope;
  scopeId: string;
  /** Of the last sixty seconds, as tokens are. */
  requests: Allowance;
  tokens: Allowance;
  openCalls: Allowance;
};

/** What is used frees up slot by slot, as the database counts. */
const slotMs = 5_000;
const idleMs = 30_000;

export const rateLimitQueries = {
  all: (organizationId: string) => ['gateway', organizationId, 'rate-limits'],
  /** Those that bind everything first, then by what they bind. */
  list: (organizationId: string) =>
    queryOptions({
      queryKey: rateLimitQueries.all(organizationId),
      queryFn: () => fetchRateLimits(organizationId),
    }),
  /** The same, asked again as far as time itself moves it; what calls do to it is told. */
  watched: (organizationId: string) =>
    queryOptions({
      ...rateLimitQueries.list(organizationId),
      staleTime: 1_000,
      refetchInterval: ({ state }) => (state.data?.some(isUsed) === true ? slotMs : idleMs),
    }),
};

const isUsed = ({ requests, tokens }: RateLimit): boolean => requests.used > 0 || tokens.used > 0;

async function fetchRateLimits(organizationId: string): Promise<RateLimit[]> {
  const rows = unwrap(await supabase().rpc('show_rate_limits', { organization_id: organizationId }));
  return rows
    .flatMap(({ id, scope, scope_id: scopeId, ...row }) => {
      if (!isRateScope(scope)) return [];
      const requests = { used: sum(row.request_slots), limit: row.requests_per_minute };
      const tokens = { used: sum(row.token_slots), limit: row.tokens_per_minute };
      return [
        {
          id,
          scope,
          scopeId,
          requests,
          tokens,
          openCalls: { used: row.open_calls, limit: row.max_open_calls },
        },
      ];
    })
    .toSorted((left, right) => rateScopes.indexOf(left.scope) - rateScopes.indexOf(right.scope));
}

const sum = (slots: readonly number[]): number => slots.reduce((total, slot) => total + slot, 0);
