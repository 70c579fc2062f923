import { connectAsUser, type Db, type SupabaseEnv } from './db.ts';
import { AppError } from './errors.ts';

export interface User {
  readonly id: string;
  /** The database as this user. */
  readonly db: Db;
}

/** Who is asking, by the session token in `Authorization`. Throws `unauthenticated`. */
export async function authenticate(env: SupabaseEnv, request: Request): Promise<User> {
  const accessToken = request.headers.get('authorization')?.match(/^Bearer\s+(\S+)$/i)?.[1];
  if (accessToken === undefined) throw new AppError('unauthenticated');
  const db = connectAsUser(env, accessToken);
  const { data, error } = await db.auth.getUser(accessToken);
  if (error !== null) throw new AppError('unauthenticated');
  return { id: data.user.id, db };
}
