import { z } from 'zod';
import { supabaseEnv } from '../_shared/db.ts';
import { proxyUrlEnv, withProxyUrl } from '../_shared/proxy-url.ts';

export const ApiEnv = z
  .object({ ...supabaseEnv, ...proxyUrlEnv, JOBS_SECRET: z.string().min(16) })
  .transform(withProxyUrl);
export type ApiEnv = z.infer<typeof ApiEnv>;
