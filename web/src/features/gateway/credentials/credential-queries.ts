import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import type { Tables } from '@db';
import { callFunction } from '@/lib/api.ts';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export type Credential = Tables<'provider_credentials'>;

const Provider = z.object({
  provider: z.string(),
  name: z.string(),
  /** How its keys begin. */
  keyHint: z.string(),
  /** Where its keys are made. */
  keysUrl: z.string(),
});
export type Provider = z.infer<typeof Provider>;

const Providers = z.object({ sandboxIsAvailable: z.boolean(), providers: z.array(Provider) });

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
      queryFn: () => callFunction({ path: '/gateway/providers', answer: Providers }),
    }),
};

export const isSandbox = ({ provider }: Credential): boolean => provider === 'sandbox';

/** The sandbox answers at least for the providers that have no working credential of their own. */
export const usesSandbox = (credentials: readonly Credential[]): boolean =>
  credentials.some((credential) => isSandbox(credential) && credential.is_active);
