import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** What a started stack tells whoever drives it from outside, in the file that STACK_READY_FILE names. */
export const Ready = z.object({
  url: z.url(),
  webUrl: z.url(),
  /** `/v1` below it is the base URL for OpenAI's client; Anthropic's takes it as it is. */
  proxyUrl: z.url(),
  publishableKey: z.string(),
  secretKey: z.string(),
  /** As `postgres`, who migrates and is no superuser. */
  databaseUrl: z.string(),
  /** As `supabase_admin`, who is. */
  adminDatabaseUrl: z.string(),
  mailApiUrl: z.url(),
  sandboxUrl: z.url(),
  logsDir: z.string(),
  jobsSecret: z.string(),
  /** Process ids and ports of each function's copies, by the function's name. */
  processes: z.record(z.string(), z.array(z.int())),
  functionPorts: z.record(z.string(), z.array(z.int())),
  demo: z.object({
    email: z.string(),
    password: z.string(),
    organizationId: z.uuid(),
    projectId: z.uuid(),
    /** Null when the demo organization was deleted. */
    proxyKey: z.string().nullable(),
  }),
});
export type Ready = z.infer<typeof Ready>;

/** @throws where the file is missing, is not JSON or lacks something. */
export function readReadyFile(file: string): Ready {
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return Ready.parse(content);
}
