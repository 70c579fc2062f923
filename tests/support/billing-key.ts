import { z } from 'zod';
import { BillRead, StoredBillingKey } from '../../supabase/functions/_shared/contracts/reconciliation.ts';
import type { Provider } from '../../supabase/functions/_shared/contracts/gateway.ts';
import type { Person } from './person.ts';
import { readReady } from './ready.ts';

/** Posts to functions/gateway as this person. */
export async function postToGateway(
  path: string,
  person: Person,
  body: unknown = {},
): Promise<{ status: number; body: unknown }> {
  const { url, publishableKey } = readReady();
  const response = await fetch(`${url}/functions/v1/gateway${path}`, {
    method: 'POST',
    headers: { apikey: publishableKey, authorization: `Bearer ${person.accessToken}` },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

const answerOf = <Data extends z.ZodType>(data: Data) => z.object({ success: z.literal(true), data });

/** Stores an admin key, with which the provider's reports are read at once. */
export async function storeAdminKey(
  organizationId: string,
  person: Person,
  provider: Provider,
  apiKey: string,
): Promise<{ id: string; read: BillRead }> {
  const body = { kind: 'admin', organizationId, provider, apiKey };
  const answer = await postToGateway('/billing-keys', person, body);
  const { data } = answerOf(StoredBillingKey).parse(answer.body);
  if (data.kind !== 'admin') throw new Error('An admin key was expected.');
  return data;
}

/** Reads the provider's reports again, as the button on the page does. */
export async function readBillsAgain(id: string, person: Person): Promise<BillRead> {
  const { body } = await postToGateway(`/billing-keys/${id}/read`, person);
  return answerOf(BillRead).parse(body).data;
}

/** An address and a secret for events that a provider pushes. */
export async function storeEventSecret(
  organizationId: string,
  person: Person,
  provider: Provider,
): Promise<{ id: string; url: string; secret: string }> {
  const body = { kind: 'events', organizationId, provider };
  const answer = await postToGateway('/billing-keys', person, body);
  const { data } = answerOf(StoredBillingKey).parse(answer.body);
  if (data.kind !== 'events') throw new Error('A secret for events was expected.');
  return data;
}
