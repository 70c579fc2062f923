import { createClient, type PostgrestError, type SupabaseClient } from '@supabase/supabase-js';
import { z } from 'zod';
import type { Database } from './database.types.ts';
import { AppError, isErrorCode } from './errors.ts';

export type Db = SupabaseClient<Database>;

const KeySet = z.string().transform((text, context) => {
  const parsed = z.record(z.string(), z.string()).safeParse(safeJson(text));
  const key = parsed.data?.default;
  if (key === undefined) context.addIssue({ code: 'custom', message: 'holds no key named "default"' });
  return key ?? '';
});

/** What Supabase gives every function. */
export const supabaseEnv = {
  SUPABASE_URL: z.url(),
  SUPABASE_PUBLISHABLE_KEYS: KeySet,
  SUPABASE_SECRET_KEYS: KeySet,
} as const;

export interface SupabaseEnv {
  readonly SUPABASE_URL: string;
  readonly SUPABASE_PUBLISHABLE_KEYS: string;
  readonly SUPABASE_SECRET_KEYS: string;
}

const stateless = { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false } as const;

/** The database as the caller may see it: RLS applies, auth.uid() is the caller. */
export function connectAsUser(env: SupabaseEnv, accessToken: string): Db {
  return createClient<Database>(env.SUPABASE_URL, env.SUPABASE_PUBLISHABLE_KEYS, {
    auth: stateless,
    // The client's own spelling: it would send another beside its own, and both are joined to one bad token.
    global: { headers: { Authorization: `Bearer ${accessToken}` } },
  });
}

/** As anyone on the internet: for signing up and in. */
export function connectAsVisitor(env: SupabaseEnv): Db {
  return createClient<Database>(env.SUPABASE_URL, env.SUPABASE_PUBLISHABLE_KEYS, { auth: stateless });
}

/** The database past RLS. For what no user may do, after the caller's right was established. */
export function connectAsService(env: SupabaseEnv): Db {
  return createClient<Database>(env.SUPABASE_URL, env.SUPABASE_SECRET_KEYS, { auth: stateless });
}

/** Answers the data, or throws the refusal that SQL raised as the AppError of the same code. */
export function unwrap<Data>(result: { data: Data | null; error: PostgrestError | null }): Data {
  if (result.error !== null) throw toRefusal(result.error);
  if (result.data === null) throw new AppError('not_found');
  return result.data;
}

/** As `unwrap`, for statements that answer nothing. */
export function unwrapNothing(result: { error: PostgrestError | null }): void {
  if (result.error !== null) throw toRefusal(result.error);
}

function toRefusal(error: PostgrestError): AppError {
  if (!isErrorCode(error.message)) return new AppError('internal', {}, { cause: error });
  const details = z.record(z.string(), z.unknown()).safeParse(safeJson(error.details));
  return new AppError(error.message, details.data ?? {});
}

function safeJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return null;
  }
}
