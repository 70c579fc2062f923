import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Provider, StoredCredential } from '../../supabase/functions/_shared/contracts/gateway.ts';
import type { Person } from './person.ts';
import { readReady } from './ready.ts';

const Answer = z.object({ success: z.literal(true), data: StoredCredential });

/**
 * Stores a made-up provider key for the organization and answers it: the stand-in upstream knows the test by it
 * (`playScripts(readUpstreamUrl(), key, …)`).
 */
export async function storeProviderKey(
  organizationId: string,
  admin: Person,
  provider: Provider,
): Promise<string> {
  const apiKey = `sk-${randomUUID()}`;
  const { url, publishableKey } = readReady();
  const response = await fetch(`${url}/functions/v1/gateway/credentials`, {
    method: 'POST',
    headers: {
      apikey: publishableKey,
      authorization: `Bearer ${admin.accessToken}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ organizationId, provider, name: provider, apiKey }),
  });
  Answer.parse(await response.json());
  return apiKey;
}
