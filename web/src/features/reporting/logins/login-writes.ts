import { requireSuccess, unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

export type NewLogin = Awaited<ReturnType<typeof createLogin>>;

/** The password is in the answer, this once. */
export async function createLogin(organizationId: string, name: string) {
  return unwrap(
    await supabase()
      .rpc('create_reporting_login', { organization_id: organizationId, name: name.trim() })
      .single(),
  );
}

/** Ends its connections. There is no way back. */
export async function revokeLogin(loginId: string): Promise<void> {
  requireSuccess(await supabase().rpc('revoke_reporting_login', { id: loginId }));
}
