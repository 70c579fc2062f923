import { z } from 'zod';
import { supabaseEnv } from '../_shared/db.ts';

export const ApiEnv = z
  .object({
    ...supabaseEnv,
    JOBS_SECRET: z.string().min(16),
    PROXY_URL: z
      .url()
      .transform((url) => url.replace(/\/+$/, ''))
      .optional(),
  })
  .transform((env) => ({ ...env, PROXY_URL: env.PROXY_URL ?? `${env.SUPABASE_URL}/functions/v1/proxy` }));
export type ApiEnv = z.infer<typeof ApiEnv>;
