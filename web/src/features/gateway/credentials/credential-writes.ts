import { CredentialTest, StoredCredential, type CreateCredential } from '@contracts/gateway.ts';
import { callFunction } from '@/lib/api.ts';
import { requireSuccess } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';
import type { Credential } from './credential-queries.ts';

type Identified = Pick<Credential, 'id'>;

/** Encrypts and stores a provider's key, and tries it once. */
export const addCredential = (credential: CreateCredential): Promise<StoredCredential> =>
  callFunction({
    path: '/gateway/credentials',
    method: 'POST',
    body: credential,
    answer: StoredCredential,
  });

/** Replaces the key in place, so that everything that uses the credential goes on. */
export const rotateCredential = ({ id }: Identified, apiKey: string): Promise<StoredCredential> =>
  callFunction({
    path: `/gateway/credentials/${id}/rotate`,
    method: 'POST',
    body: { apiKey },
    answer: StoredCredential,
  });

/** Asks the provider whether it still knows the key. */
export const testCredential = ({ id }: Identified): Promise<CredentialTest> =>
  callFunction({ path: `/gateway/credentials/${id}/test`, method: 'POST', answer: CredentialTest });

type Change = { name?: string; is_active?: boolean; priority?: number; weight?: number };

export async function changeCredential({ id }: Identified, change: Change): Promise<void> {
  requireSuccess(await supabase().from('provider_credentials').update(change).eq('id', id));
}

export async function deleteCredential({ id }: Identified): Promise<void> {
  requireSuccess(await supabase().from('provider_credentials').delete().eq('id', id));
}

export async function enableSandbox(organizationId: string): Promise<void> {
  requireSuccess(await supabase().rpc('enable_sandbox', { organization_id: organizationId }));
}
