import type { AuthError, Session as AuthSession, User } from '@supabase/supabase-js';
import type { Hono } from 'hono';
import { Login, Register, type Session } from '../../_shared/contracts/api.ts';
import { readBody } from '../../_shared/create-app.ts';
import { connectAsUser, connectAsVisitor, unwrap } from '../../_shared/db.ts';
import { AppError } from '../../_shared/errors.ts';
import { answerData } from '../../_shared/http.ts';
import type { ApiEnv } from '../env.ts';
import { toTeam } from '../find-team.ts';

/** Supabase Auth decides; here its answers get this API's form. */
export function addAuthRoutes(app: Hono, env: ApiEnv): void {
  app.post('/v1/auth/register', async (c) => {
    const { email, password, fullName, teamName } = await readBody(c.req.raw, Register);
    const { data, error } = await connectAsVisitor(env).auth.signUp({
      email,
      password,
      options: {
        data: {
          ...(fullName !== undefined && { full_name: fullName }),
          ...(teamName !== undefined && { organization_name: teamName }),
        },
      },
    });
    if (error !== null) throw toRefusal(error);
    if (data.user === null) throw new AppError('internal');
    return answerData(await describeSession(env, data.user, data.session), 201);
  });

  app.post('/v1/auth/login', async (c) => {
    const { data, error } = await connectAsVisitor(env).auth.signInWithPassword(
      await readBody(c.req.raw, Login),
    );
    if (error !== null) throw toRefusal(error);
    return answerData(await describeSession(env, data.user, data.session));
  });
}

async function describeSession(env: ApiEnv, user: User, session: AuthSession | null): Promise<Session> {
  const token = session?.access_token ?? null;
  const teams = token === null ? [] : unwrap(await connectAsUser(env, token).rpc('describe_teams'));
  return {
    token,
    refreshToken: session?.refresh_token ?? null,
    expiresAt: session?.expires_at ?? null,
    user: { id: user.id, email: user.email ?? '' },
    teams: teams.map(toTeam),
  };
}

function toRefusal(error: AuthError): AppError {
  if (error.status === 429) return new AppError('rate_limited');
  switch (error.code) {
    case 'invalid_credentials':
      return new AppError('invalid_credentials');
    case 'email_not_confirmed':
      return new AppError('email_not_confirmed');
    case 'user_already_exists':
    case 'email_exists':
      return new AppError('email_taken');
    case 'weak_password':
      return new AppError('password_refused', { param: 'password', reason: error.message });
    case 'email_address_invalid':
    case 'validation_failed':
      return new AppError('email_invalid');
    case 'signup_disabled':
      return new AppError('sign_up_disabled');
    default:
      return new AppError('internal', {}, { cause: error });
  }
}
