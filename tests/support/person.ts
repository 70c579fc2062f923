import { randomUUID } from 'node:crypto';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import type { Database } from '../../supabase/functions/_shared/database.types.ts';
import { readReady } from './ready.ts';

export type Db = SupabaseClient<Database>;

export type Person = { userId: string; email: string; password: string; accessToken: string; db: Db };

/** A client without a session: what anyone on the internet may do. */
export function anonymousDb(): Db {
  const { url, publishableKey } = readReady();
  return createClient<Database>(url, publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
}

/** Signs up as a browser does. `metadata` is what the sign-up page sends: organization_name, invitation_token, full_name. */
export async function signUpPerson(name = 'person', metadata: Record<string, string> = {}): Promise<Person> {
  const email = `${name}-${randomUUID()}@example.com`;
  const password = randomUUID();
  const db = anonymousDb();
  const { data, error } = await db.auth.signUp({ email, password, options: { data: metadata } });
  if (error) throw error;
  if (!data.session) throw new Error('Signing up gave no session: is confirmation by mail switched on?');
  return { userId: data.session.user.id, email, password, accessToken: data.session.access_token, db };
}
