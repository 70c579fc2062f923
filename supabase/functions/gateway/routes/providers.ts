import type { Hono } from 'hono';
import { authenticate } from '../../_shared/auth.ts';
import type { ProviderList } from '../../_shared/contracts/gateway.ts';
import { answerData } from '../../_shared/http.ts';
import type { GatewayEnv } from '../env.ts';

const providers: ProviderList['providers'] = [
  { provider: 'openai', name: 'OpenAI', keyHint: 'sk-…', keysUrl: 'https://platform.openai.com/api-keys' },
  {
    provider: 'anthropic',
    name: 'Anthropic',
    keyHint: 'sk-ant-…',
    keysUrl: 'https://console.anthropic.com/settings/keys',
  },
  {
    provider: 'moonshot',
    name: 'Moonshot AI',
    keyHint: 'sk-…',
    keysUrl: 'https://platform.moonshot.ai/console/api-keys',
  },
];

/** Which providers there are, and whether this installation has a sandbox. */
export function addProviderRoutes(app: Hono, env: GatewayEnv): void {
  app.get('/providers', async (c) => {
    await authenticate(env, c.req.raw);
    return answerData({
      sandboxIsAvailable: env.SANDBOX_URL !== undefined,
      providers,
    } satisfies ProviderList);
  });
}
