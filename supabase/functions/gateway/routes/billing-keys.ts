import { Buffer } from 'node:buffer';
import type { Hono } from 'hono';
import { authenticate, type User } from '../../_shared/auth.ts';
import { CreateBillingKey, type StoredBillingKey } from '../../_shared/contracts/reconciliation.ts';
import { readBody } from '../../_shared/create-app.ts';
import { unwrap, unwrapNothing } from '../../_shared/db.ts';
import { AppError } from '../../_shared/errors.ts';
import { answerData } from '../../_shared/http.ts';
import { createSecretBox } from '../../_shared/secret-box.ts';
import type { GatewayEnv } from '../env.ts';
import { readBillsNow } from '../read-bills.ts';

/** How a provider's bills come to an organization. Who may say so is decided in SQL, as the caller. */
export function addBillingKeyRoutes(app: Hono, env: GatewayEnv): void {
  app.post('/billing-keys', async (c) => {
    const user = await authenticate(env, c.req.raw);
    const input = await readBody(c.req.raw, CreateBillingKey);
    if (input.kind === 'admin') {
      const id = await store(env, user, input, input.apiKey);
      const answer = {
        kind: input.kind,
        id,
        lastFour: input.apiKey.slice(-4),
        read: await readBillsNow(env, id),
      };
      return answerData(answer satisfies StoredBillingKey, 201);
    }
    const secret = `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')}`;
    const id = await store(env, user, input, secret);
    const url = `${env.SUPABASE_URL}/functions/v1/gateway/provider-events?key=${id}`;
    return answerData({ kind: input.kind, id, url, secret } satisfies StoredBillingKey, 201);
  });

  app.post('/billing-keys/:id/read', async (c) => {
    const user = await authenticate(env, c.req.raw);
    const id = c.req.param('id');
    const [key] = unwrap(await user.db.rpc('administer_billing_key', { id }));
    if (key?.kind !== 'admin') throw new AppError('billing_key_not_found');
    return answerData(await readBillsNow(env, id));
  });
}

/** Seals the secret and stores it, in the place of what the provider had; answers the new id. */
async function store(
  env: GatewayEnv,
  user: User,
  { organizationId, provider, kind }: CreateBillingKey,
  secret: string,
): Promise<string> {
  const id = crypto.randomUUID();
  const owner = { organizationId, credentialId: id };
  unwrapNothing(
    await user.db.rpc('store_billing_key', {
      id,
      organization_id: organizationId,
      provider,
      kind,
      ciphertext: await createSecretBox(env.ENCRYPTION_KEYS).seal(env.ENCRYPTION_KEY_ID, secret, owner),
      last_four: secret.slice(-4),
    }),
  );
  return id;
}
