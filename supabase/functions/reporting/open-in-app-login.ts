import { createHmac } from 'node:crypto';
import { connectAsService, unwrap } from '../_shared/db.ts';
import { AppError } from '../_shared/errors.ts';
import type { ReportingEnv } from './env.ts';
import { scramVerifier } from './scram-verifier.ts';

/**
 * The address of the database as the organization's own in-app login, which is made at its first use. Its password is
 * derived from the current master key and kept nowhere; another master key changes it with the next report.
 */
export async function openInAppLogin(env: ReportingEnv, organizationId: string): Promise<string> {
  const masterKey = env.ENCRYPTION_KEYS.get(env.ENCRYPTION_KEY_ID);
  if (masterKey === undefined) throw new AppError('reporting_unavailable');
  const password = createHmac('sha256', masterKey)
    .update(`reporting login of ${organizationId}`)
    .digest('hex');
  const role = unwrap(
    await connectAsService(env).rpc('open_in_app_reporting_role', {
      organization_id: organizationId,
      key_id: env.ENCRYPTION_KEY_ID,
      verifier: scramVerifier(password),
    }),
  );
  const url = new URL(env.SUPABASE_DB_URL);
  // A pooler wants the project's reference behind the role: postgres.<reference>
  url.username = url.username.replace(/^[^.]*/, role);
  url.password = password;
  return url.href;
}
