import { queryOptions } from '@tanstack/react-query';
import { ProviderList } from '@contracts/gateway.ts';
import type { Tables } from '@db';
import { callFunction } from '@/lib/api.ts';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export type Credential = Tables<'provider_credentials'>;

export type CredentialHealth = Tables<'credential_health'>;

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
  /** How each has fared at its provider of late; one that never failed has no row. */
  health: (organizationId: string) =>
    queryOptions({
      queryKey: [...credentialQueries.all(organizationId), 'health'],
      queryFn: async () =>
        unwrap(await supabase().from('credential_health').select().eq('organization_id', organizationId)),
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

/** Providers for which the sandbox answers when it is on. */
export const uncoveredProviders = (credentials: readonly Credential[]): Provider['provider'][] =>
  supported.filter(
    (provider) => !credentials.some((credential) => credential.provider === provider && credential.is_active),
  );

/** The sandbox is on, and some provider has no active credential of its own. */
export const usesSandbox = (credentials: readonly Credential[]): boolean =>
  credentials.some((credential) => isSandbox(credential) && credential.is_active) &&
  uncoveredProviders(credentials).length > 0;

/** Whose models a first call can be shown with. */
export function snippetProvider(credentials: readonly Credential[]): Provider['provider'] {
  const active = credentials.filter(({ is_active }) => is_active).map(({ provider }) => provider);
  return supported.find((provider) => active.includes(provider)) ?? 'openai';
}

const supported = ['openai', 'anthropic', 'moonshot'] as const;
