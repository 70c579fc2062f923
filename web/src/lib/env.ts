import { z } from 'zod';

const Env = z.object({
  supabaseUrl: z.url(),
  supabasePublishableKey: z.string().min(1),
});
export type Env = z.infer<typeof Env> & { proxyUrl: string };

/** What was baked in at build time, else what the server that serves this page says in /env.json. */
export async function loadEnv(): Promise<Env> {
  const baked = Env.safeParse({
    supabaseUrl: import.meta.env.VITE_SUPABASE_URL,
    supabasePublishableKey: import.meta.env.VITE_SUPABASE_PUBLISHABLE_KEY,
  });
  const { supabaseUrl: url, supabasePublishableKey } = baked.success ? baked.data : await fetchEnv();
  const origin = url.replace(/\/+$/, '');
  return { supabaseUrl: origin, supabasePublishableKey, proxyUrl: `${origin}/functions/v1/proxy` };
}

async function fetchEnv(): Promise<z.infer<typeof Env>> {
  const response = await fetch('/env.json', { cache: 'no-store' });
  if (!response.ok) throw new Error(`/env.json answered ${response.status}.`);
  return Env.parse(await response.json());
}
