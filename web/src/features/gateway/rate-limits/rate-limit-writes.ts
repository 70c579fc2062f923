import { requireSuccess } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';
import type { RateScope } from './rate-limit-words.ts';

/** What a rate limit is of. */
export type RateLimited = { scope: RateScope; id: string; name: string };

/** Null: not limited in this way. */
export type RateLimitValues = {
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
  maxOpenCalls: number | null;
};

export const unlimited: RateLimitValues = {
  requestsPerMinute: null,
  tokensPerMinute: null,
  maxOpenCalls: null,
};

/** Holds from the next call on. A project or key without any limit is not listed any more. */
export async function setRateLimit(
  organizationId: string,
  { scope, id }: Pick<RateLimited, 'scope' | 'id'>,
  { requestsPerMinute, tokensPerMinute, maxOpenCalls }: RateLimitValues,
): Promise<void> {
  requireSuccess(
    await supabase().rpc('set_rate_limit', {
      organization_id: organizationId,
      scope,
      scope_id: id,
      ...(requestsPerMinute !== null && { requests_per_minute: requestsPerMinute }),
      ...(tokensPerMinute !== null && { tokens_per_minute: tokensPerMinute }),
      ...(maxOpenCalls !== null && { max_open_calls: maxOpenCalls }),
    }),
  );
}
