import { z } from 'zod';
import { supabaseEnv } from '../_shared/db.ts';

export const HealthEnv = z.object({
  ...supabaseEnv,
  JOBS_SECRET: z.string().min(16),
  METRICS_TOKEN: z.string().min(16).optional(),
});
export type HealthEnv = z.infer<typeof HealthEnv>;
