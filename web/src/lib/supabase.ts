import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import type { Database } from '@db';
import type { Env } from './env.ts';

type Connection = { client: SupabaseClient<Database>; env: Env };

const connection: { current?: Connection } = {};

/** Called once by main.tsx, before anything that calls supabase() is rendered. */
export function connectSupabase(env: Env): void {
  connection.current = {
    env,
    client: createClient<Database>(env.supabaseUrl, env.supabasePublishableKey, {
      // The query client asks again; both together would take half a minute to admit a lost connection.
      db: { retry: false },
    }),
  };
}

export function supabase(): SupabaseClient<Database> {
  return connected().client;
}

export function env(): Env {
  return connected().env;
}

function connected(): Connection {
  if (!connection.current) throw new Error('connectSupabase was not called.');
  return connection.current;
}
