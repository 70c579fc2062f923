import { z } from 'zod';
import { supabaseEnv } from '../_shared/db.ts';

export const WhiteboardEnv = z.object({
  ...supabaseEnv,
  /** Supabase gives it to every function. */
  SUPABASE_DB_URL: z.url(),
  JOBS_SECRET: z.string().min(16),
});
export type WhiteboardEnv = z.infer<typeof WhiteboardEnv>;
