import type { Caller } from './caller.ts';

type RateLimitValues = {
  scope?: string;
  scope_id?: string;
  requests_per_minute?: number;
  tokens_per_minute?: number;
  max_open_calls?: number;
};

/** For the whole organization, where nothing else is said; what is left out is not limited. */
export async function setRateLimit(
  { organizationId, owner }: Pick<Caller, 'organizationId' | 'owner'>,
  values: RateLimitValues,
): Promise<void> {
  const { error } = await owner.db.rpc('set_rate_limit', {
    organization_id: organizationId,
    scope: 'organization',
    scope_id: organizationId,
    ...values,
  });
  if (error) throw error;
}
