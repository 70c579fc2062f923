import { connectAsService, unwrap } from '../_shared/db.ts';
import type { Caller } from '../_shared/identify-caller.ts';
import type { ApiEnv } from './env.ts';

/** Lets a proxy key through whose plan has API access, and whose team and user are those that are named, if any. */
export async function admitCaller(
  env: ApiEnv,
  caller: Caller,
  named: { readonly teamId?: string; readonly userId?: string } = {},
): Promise<void> {
  unwrap(
    await connectAsService(env).rpc('admit_api_call', {
      key_id: caller.keyId,
      key_hash: caller.keyHash,
      ...(named.teamId !== undefined && { team_id: named.teamId }),
      ...(named.userId !== undefined && { user_id: named.userId }),
    }),
  );
}
