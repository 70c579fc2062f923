import { z } from 'zod';
import { supabaseEnv } from '../_shared/db.ts';

export const TenancyEnv = z.object({
  ...supabaseEnv,
  JOBS_SECRET: z.string().min(16),
  APP_URL: z.url().transform((url) => url.replace(/\/+$/, '')),
  SMTP_URL: z.url().optional(),
  MAIL_FROM: z.string().default('Kreative HQ <no-reply@localhost>'),
});
export type TenancyEnv = z.infer<typeof TenancyEnv>;
