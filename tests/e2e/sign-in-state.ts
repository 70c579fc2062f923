import { createClient } from '@supabase/supabase-js';
import type { BrowserContextOptions } from '@playwright/test';
import { readReady } from '../support/ready.ts';

export type SignInState = NonNullable<Exclude<BrowserContextOptions['storageState'], string>>;

/**
 * What a browser holds after signing in: the dashboard's own client signs in here and what it stores is taken along, so
 * that only the tests about signing in have to fill in the form.
 */
export async function signInState(account: { email: string; password: string }): Promise<SignInState> {
  const { url, webUrl, publishableKey } = readReady();
  const stored = new Map<string, string>();
  const client = createClient(url, publishableKey, {
    auth: {
      autoRefreshToken: false,
      detectSessionInUrl: false,
      storage: {
        getItem: (name) => stored.get(name) ?? null,
        setItem: (name, value) => void stored.set(name, value),
        removeItem: (name) => void stored.delete(name),
      },
    },
  });
  const { error } = await client.auth.signInWithPassword(account);
  if (error) throw error;
  const localStorage = [...stored].map(([name, value]) => ({ name, value }));
  return { cookies: [], origins: [{ origin: new URL(webUrl).origin, localStorage }] };
}
