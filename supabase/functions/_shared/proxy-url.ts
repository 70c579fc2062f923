import { z } from 'zod';

/** Where functions of ours find the proxy, when it runs outside Supabase. */
export const proxyUrlEnv = {
  PROXY_URL: z
    .url()
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
} as const;

/** The environment with the proxy's address: the project's own, unless another is named. */
export function withProxyUrl<
  Env extends { readonly SUPABASE_URL: string; readonly PROXY_URL?: string | undefined },
>(env: Env): Env & { readonly PROXY_URL: string } {
  return { ...env, PROXY_URL: env.PROXY_URL ?? `${env.SUPABASE_URL}/functions/v1/proxy` };
}
