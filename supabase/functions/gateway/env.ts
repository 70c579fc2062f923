import { z } from 'zod';
import { supabaseEnv } from '../_shared/db.ts';
import { mailEnv } from '../_shared/mail.ts';
import { providerAdminUrls, providerUrls } from '../_shared/provider-urls.ts';
import { EncryptionKeys } from '../_shared/secret-box.ts';

export const GatewayEnv = z.object({
  ...supabaseEnv,
  ...providerUrls,
  ...providerAdminUrls,
  ...mailEnv,
  ENCRYPTION_KEYS: EncryptionKeys,
  ENCRYPTION_KEY_ID: z.string().min(1),
  JOBS_SECRET: z.string().min(16),
  PRICES_URL: z.url().optional(),
  WEBHOOKS_MAY_REACH_LOOPBACK: z.stringbool().default(false),
});
export type GatewayEnv = z.infer<typeof GatewayEnv>;
