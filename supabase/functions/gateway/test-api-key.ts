import type { CredentialTest } from '../_shared/contracts/gateway.ts';
import type { GatewayEnv } from './env.ts';

/** Lists the provider's models with the key, which costs nothing. Waits 10 seconds at most. */
export async function testApiKey(env: GatewayEnv, provider: string, apiKey: string): Promise<CredentialTest> {
  const request = {
    openai: { url: `${env.OPENAI_BASE_URL}/models`, headers: { authorization: `Bearer ${apiKey}` } },
    moonshot: { url: `${env.MOONSHOT_BASE_URL}/models`, headers: { authorization: `Bearer ${apiKey}` } },
    anthropic: {
      url: `${env.ANTHROPIC_BASE_URL}/v1/models`,
      headers: { 'x-api-key': apiKey, 'anthropic-version': '2023-06-01' },
    },
  }[provider];
  if (request === undefined) return { ok: false, error: 'This provider has no keys to test.' };
  try {
    const response = await fetch(request.url, {
      headers: request.headers,
      signal: AbortSignal.timeout(10_000),
    });
    await response.body?.cancel();
    if (response.ok) return { ok: true, error: null };
    const isRejected = response.status === 401 || response.status === 403;
    return {
      ok: false,
      error: isRejected ? 'The provider rejects this key.' : `The provider answered ${response.status}.`,
    };
  } catch {
    return { ok: false, error: 'The provider could not be reached.' };
  }
}
