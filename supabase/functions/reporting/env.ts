import { z } from 'zod';
import { supabaseEnv } from '../_shared/db.ts';
import { mailEnv } from '../_shared/mail.ts';
import { EncryptionKeys } from '../_shared/secret-box.ts';

export const ReportingEnv = z.object({
  ...supabaseEnv,
  /** Supabase gives it to every function; only where the database is comes from here. */
  SUPABASE_DB_URL: z.url(),
  ENCRYPTION_KEYS: EncryptionKeys,
  ENCRYPTION_KEY_ID: z.string().min(1),
  JOBS_SECRET: z.string().min(16),
  ...mailEnv,
});
export type ReportingEnv = z.infer<typeof ReportingEnv>;
