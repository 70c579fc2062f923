import type { Hono } from 'hono';
import {
  CreateCredential,
  RotateCredential,
  type StoredCredential,
} from '../../_shared/contracts/gateway.ts';
import { readBody } from '../../_shared/create-app.ts';
import { authenticate } from '../../_shared/auth.ts';
import { connectAsService, unwrap, unwrapNothing } from '../../_shared/db.ts';
import { AppError } from '../../_shared/errors.ts';
import { answerData } from '../../_shared/http.ts';
import { createSecretBox } from '../../_shared/secret-box.ts';
import type { GatewayEnv } from '../env.ts';
import { testApiKey } from '../test-api-key.ts';

/** Provider keys come in here, are sealed, and never go out again. Who may do what is decided in SQL, as the caller. */
export function addCredentialRoutes(app: Hono, env: GatewayEnv): void {
  const box = createSecretBox(env.ENCRYPTION_KEYS);

  app.post('/credentials', async (c) => {
    const user = await authenticate(env, c.req.raw);
    const input = await readBody(c.req.raw, CreateCredential);
    const id = crypto.randomUUID();
    const owner = { organizationId: input.organizationId, credentialId: id };
    unwrap(
      await user.db.rpc('store_provider_credential', {
        id,
        organization_id: input.organizationId,
        provider: input.provider,
        name: input.name,
        ciphertext: await box.seal(env.ENCRYPTION_KEY_ID, input.apiKey, owner),
        last_four: input.apiKey.slice(-4),
      }),
    );
    const test = await testAndRecord(env, id, input.provider, input.apiKey);
    return answerData({ id, lastFour: input.apiKey.slice(-4), test } satisfies StoredCredential, 201);
  });

  app.post('/credentials/:id/rotate', async (c) => {
    const user = await authenticate(env, c.req.raw);
    const { apiKey } = await readBody(c.req.raw, RotateCredential);
    const id = c.req.param('id');
    const { organization_id, provider } = await readAsAdmin(user.db, id);
    unwrapNothing(
      await user.db.rpc('rotate_provider_credential', {
        id,
        ciphertext: await box.seal(env.ENCRYPTION_KEY_ID, apiKey, {
          organizationId: organization_id,
          credentialId: id,
        }),
        last_four: apiKey.slice(-4),
      }),
    );
    const test = await testAndRecord(env, id, provider, apiKey);
    return answerData({ id, lastFour: apiKey.slice(-4), test } satisfies StoredCredential);
  });

  app.post('/credentials/:id/test', async (c) => {
    const user = await authenticate(env, c.req.raw);
    const id = c.req.param('id');
    await readAsAdmin(user.db, id);
    const [secret] = unwrap(await connectAsService(env).rpc('read_provider_credential_secret', { id }));
    if (secret === undefined) throw new AppError('credential_not_found');
    const apiKey = await box.open(secret.ciphertext, {
      organizationId: secret.organization_id,
      credentialId: id,
    });
    return answerData(await testAndRecord(env, id, secret.provider, apiKey));
  });
}

async function testAndRecord(env: GatewayEnv, id: string, provider: string, apiKey: string) {
  const test = await testApiKey(env, provider, apiKey);
  unwrapNothing(
    await connectAsService(env).rpc(
      'record_credential_test',
      test.error === null ? { id } : { id, error: test.error },
    ),
  );
  return test;
}

/** The credential, if the caller sees it (404 otherwise) and is an admin of its organization (403 otherwise). */
async function readAsAdmin(db: Awaited<ReturnType<typeof authenticate>>['db'], id: string) {
  const row = unwrap(await db.rpc('administer_provider_credential', { id }))[0];
  if (row === undefined) throw new AppError('credential_not_found');
  return row;
}
