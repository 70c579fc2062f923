import { z } from 'zod';
import { supabaseEnv } from '../_shared/db.ts';
import { mailEnv } from '../_shared/mail.ts';

export const TenancyEnv = z.object({
  ...supabaseEnv,
  JOBS_SECRET: z.string().min(16),
  ...mailEnv,
});
export type TenancyEnv = z.infer<typeof TenancyEnv>;
