import { queryOptions } from '@tanstack/react-query';
import type { Tables } from '@db';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export type ProxyKey = Tables<'proxy_keys'>;

export const proxyKeyQueries = {
  all: (organizationId: string) => ['gateway', organizationId, 'proxy-keys'],
  /** Revoked ones too, newest first: calls made with a revoked key still carry its name. */
  list: (organizationId: string) =>
    queryOptions({
      queryKey: proxyKeyQueries.all(organizationId),
      staleTime: 60_000,
      queryFn: async () =>
        unwrap(
          await supabase()
            .from('proxy_keys')
            .select()
            .eq('organization_id', organizationId)
            .order('created_at', { ascending: false })
            .order('id'),
        ),
    }),
  /** The same, kept true while it is looked at: keys learn of their calls with the rollups. */
  watched: (organizationId: string) => ({ ...proxyKeyQueries.list(organizationId), refetchInterval: 10_000 }),
};

export type ProxyKeyState = 'active' | 'expired' | 'revoked';

export function stateOfKey({ revoked_at, expires_at }: ProxyKey, now = Date.now()): ProxyKeyState {
  if (revoked_at !== null) return 'revoked';
  return expires_at !== null && Date.parse(expires_at) <= now ? 'expired' : 'active';
}

/** What can be shown of a key: its beginning, which is also what is stored in the clear. */
export const keyPrefix = ({ public_id }: ProxyKey): string => `khq_${public_id}_…`;
