import { queryOptions } from '@tanstack/react-query';
import { ProviderList } from '@contracts/gateway.ts';
import type { Tables } from '@db';
import { callFunction } from '@/lib/api.ts';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export type Credential = Tables<'provider_credentials'>;

/** A provider that a key can be stored for: how its keys begin, and where they are made. */
export type Provider = ProviderList['providers'][number];

export const credentialQueries = {
  all: (organizationId: string) => ['gateway', organizationId, 'credentials'],
  /** In the order in which they are asked within a provider; the sandbox last. */
  list: (organizationId: string) =>
    queryOptions({
      queryKey: credentialQueries.all(organizationId),
      queryFn: async () =>
        unwrap(
          await supabase()
            .from('provider_credentials')
            .select()
            .eq('organization_id', organizationId)
            .order('priority', { ascending: false })
            .order('created_at'),
        ),
    }),
  /** What this installation can talk to. */
  providers: () =>
    queryOptions({
      queryKey: ['gateway', 'providers'],
      staleTime: 600_000,
      queryFn: () => callFunction({ path: '/gateway/providers', answer: ProviderList }),
    }),
};

export const isSandbox = ({ provider }: Credential): boolean => provider === 'sandbox';

/** The sandbox answers at least for the providers that have no working credential of their own. */
export const usesSandbox = (credentials: readonly Credential[]): boolean =>
  credentials.some((credential) => isSandbox(credential) && credential.is_active);

/** Whose models a first call can be shown with. */
export function snippetProvider(credentials: readonly Credential[]): Provider['provider'] {
  const active = credentials.filter(({ is_active }) => is_active).map(({ provider }) => provider);
  const known = ['openai', 'anthropic', 'moonshot'] as const;
  return known.find((provider) => active.includes(provider)) ?? 'openai';
}
