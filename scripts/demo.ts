import { createSecretBox, EncryptionKeys } from '../supabase/functions/_shared/secret-box.ts';
import type { Stack } from '../local/stack.ts';
import type { StartEnvironment } from './environment.ts';
import { openProductSecrets } from './product-secrets.ts';

/** The demo login, as supabase/seed.sql makes it. */
const login = { email: 'demo@kreative.local', password: 'kreative-demo' } as const;
const organizationId = '00000000-0000-4000-8000-0000000000a1';
const projectId = '00000000-0000-4000-8000-0000000000b1';

export type Demo = {
  email: string;
  password: string;
  organizationId: string;
  projectId: string;
  /** null when the demo organization was deleted */
  proxyKey: string | null;
};

/** Gives the demo organization its key and its credentials, as far as they are missing, and answers them. */
export async function openDemo(options: {
  stack: Stack;
  env: StartEnvironment;
  secretsFile: string;
  root: string;
}): Promise<Demo> {
  const { admin } = options.stack;
  const { secrets, save } = openProductSecrets(options.secretsFile);
  const [organization] = await admin`select id from public.organizations where id = ${organizationId}`;
  if (organization === undefined) return { ...login, organizationId, projectId, proxyKey: null };
  const key = secrets.demoProxyKey;
  const [known] =
    await admin`select from private.proxy_key_hashes where key_hash = private.hash_token(${key})`;
  // After a reset the file still has the key of the database that was there before.
  if (known === undefined) {
    const [minted] = await admin`select key from private.mint_proxy_key_as(
      (select user_id from public.profiles where email = ${login.email}), ${projectId}, 'Demo key', '{}')`;
    secrets.demoProxyKey = String(minted?.['key']);
    save(secrets);
  }
  const encryption = {
    keys: EncryptionKeys.parse(options.env.ENCRYPTION_KEYS ?? secrets.encryptionKeys),
    keyId: options.env.ENCRYPTION_KEY_ID ?? secrets.encryptionKeyId,
  };
  for (const [provider, apiKey] of Object.entries(realKeys(options.env))) {
    await storeCredential(admin, provider, apiKey, encryption);
  }
  return { ...login, organizationId, projectId, proxyKey: secrets.demoProxyKey };
}

/** A base URL alone counts as well: servers on one's own machine often want no key. */
function realKeys(env: StartEnvironment): Record<string, string | undefined> {
  const keyFor = (key: string | undefined, baseUrl: string | undefined) =>
    key ?? (baseUrl === undefined ? undefined : 'no-key-needed');
  return {
    openai: keyFor(env.OPENAI_API_KEY, env.OPENAI_BASE_URL),
    anthropic: keyFor(env.ANTHROPIC_API_KEY, env.ANTHROPIC_BASE_URL),
    moonshot: keyFor(env.MOONSHOT_API_KEY, env.MOONSHOT_BASE_URL),
  };
}

const CREDENTIAL_NAME = 'From the environment';

/** The environment decides at every start: with a key the real provider answers, without one the sandbox does. */
async function storeCredential(
  admin: Stack['admin'],
  provider: string,
  apiKey: string | undefined,
  encryption: { keys: EncryptionKeys; keyId: string },
): Promise<void> {
  const [known] = await admin`select id from public.provider_credentials
    where organization_id = ${organizationId} and provider = ${provider} and name = ${CREDENTIAL_NAME}`;
  if (apiKey === undefined) {
    if (known !== undefined)
      await admin`delete from public.provider_credentials where id = ${String(known['id'])}`;
    return;
  }
  const credentialId = known === undefined ? crypto.randomUUID() : String(known['id']);
  const ciphertext = await createSecretBox(encryption.keys).seal(encryption.keyId, apiKey, {
    organizationId,
    credentialId,
  });
  await admin.begin(async (sql) => {
    await sql`insert into public.provider_credentials (id, organization_id, provider, name, last_four)
      values (${credentialId}, ${organizationId}, ${provider}, ${CREDENTIAL_NAME}, ${apiKey.slice(-4).padStart(4, '•')})
      on conflict (id) do update set last_four = excluded.last_four, is_active = true`;
    await sql`insert into private.provider_credential_secrets values (${credentialId}, ${ciphertext})
      on conflict (credential_id) do update set ciphertext = excluded.ciphertext`;
    // What the demo organization may do, its new credential may.
    if (known === undefined)
      await sql`update public.rate_limits set requests_per_minute = (
          select requests_per_minute from public.rate_limits where scope_id = ${organizationId})
        where scope_id = ${credentialId}`;
  });
}
