import { z } from 'zod';
import { supabaseEnv } from '../_shared/db.ts';
import { proxyUrlEnv, withProxyUrl } from '../_shared/proxy-url.ts';
import { EncryptionKeys } from '../_shared/secret-box.ts';
import { FailPoint } from './fail-points.ts';

export const AgentsEnv = z
  .object({
    ...supabaseEnv,
    ...proxyUrlEnv,
    JOBS_SECRET: z.string().min(16),
    ENCRYPTION_KEYS: EncryptionKeys,
    ENCRYPTION_KEY_ID: z.string().min(1),
    AGENTS_LEASE_SECONDS: z.coerce.number().int().min(2).max(600).default(20),
    AGENTS_FAIL_AT: z
      .string()
      .transform((text) => text.split(',').map((point) => point.trim()))
      .pipe(z.array(FailPoint))
      .default([]),
  })
  .transform(withProxyUrl);
export type AgentsEnv = z.infer<typeof AgentsEnv>;
