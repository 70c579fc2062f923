import { queryOptions } from '@tanstack/react-query';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export type Progress = {
  /** Whether anything may answer: a provider's key, or the sandbox. */
  hasCredential: boolean;
  isSandbox: boolean;
  provider: string | undefined;
  project: { id: string; name: string } | undefined;
  hasKey: boolean;
  hasCall: boolean;
};

export type FirstCall = Awaited<ReturnType<typeof fetchLatestCall>>;

export const onboardingQueries = {
  /** What is there already decides at which step one is. */
  progress: (organizationId: string) =>
    queryOptions({
      queryKey: ['gateway', organizationId, 'onboarding', 'progress'],
      staleTime: 0,
      queryFn: () => fetchProgress(organizationId),
    }),
  latestCall: (organizationId: string) =>
    queryOptions({
      queryKey: ['gateway', organizationId, 'onboarding', 'latest-call'],
      staleTime: 0,
      // In case that nothing is told.
      refetchInterval: 10_000,
      queryFn: () => fetchLatestCall(organizationId),
    }),
};

async function fetchProgress(organizationId: string): Promise<Progress> {
  const [credentials, projects, keys, calls] = await Promise.all([
    supabase()
      .from('provider_credentials')
      .select('provider')
      .eq('organization_id', organizationId)
      .eq('is_active', true)
      .order('created_at'),
    supabase()
      .from('projects')
      .select('id, name')
      .eq('organization_id', organizationId)
      .is('archived_at', null)
      .order('created_at')
      .limit(1),
    supabase()
      .from('proxy_keys')
      .select('id')
      .eq('organization_id', organizationId)
      .is('revoked_at', null)
      .limit(1),
    supabase()
      .from('ai_usage')
      .select('id')
      .eq('organization_id', organizationId)
      .eq('status', 'succeeded')
      .limit(1),
  ]);
  const providers = unwrap(credentials).map(({ provider }) => provider);
  const real = providers.find((provider) => provider !== 'sandbox');
  return {
    hasCredential: providers.length > 0,
    isSandbox: providers.length > 0 && real === undefined,
    provider: real,
    project: unwrap(projects)[0],
    hasKey: unwrap(keys).length > 0,
    hasCall: unwrap(calls).length > 0,
  };
}

/** null before the first one. */
async function fetchLatestCall(organizationId: string) {
  const calls = unwrap(
    await supabase()
      .from('ai_usage')
      .select(
        'id, status, model, is_sandbox, error_code, input_tokens, output_tokens, cost_usd::text, latency_ms, first_byte_ms',
      )
      .eq('organization_id', organizationId)
      .order('created_at', { ascending: false })
      .limit(1),
  );
  return calls[0] ?? null;
}
