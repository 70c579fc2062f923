import { authenticate } from '../_shared/auth.ts';
import type { SupabaseEnv } from '../_shared/db.ts';

const rememberedMs = 60_000;
const most = 1_000;

/** Whose a session is. A tab that draws asks ten times a second, so the answer is remembered for a minute. */
export function rememberSessions(env: SupabaseEnv): (request: Request) => Promise<string> {
  const sessions = new Map<string, { userId: string; until: number }>();
  return async (request) => {
    const token = request.headers.get('authorization') ?? '';
    const known = sessions.get(token);
    if (known !== undefined && known.until > Date.now()) return known.userId;
    sessions.delete(token);
    const { id } = await authenticate(env, request);
    sessions.set(token, { userId: id, until: Date.now() + rememberedMs });
    const oldest = sessions.size > most ? sessions.keys().next().value : undefined;
    if (oldest !== undefined) sessions.delete(oldest);
    return id;
  };
}
