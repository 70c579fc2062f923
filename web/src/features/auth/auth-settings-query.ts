import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { env } from '@/lib/supabase.ts';

const Settings = z.object({ external: z.record(z.string(), z.unknown()) });

/** Which ways of signing in this installation has set up. */
export const authSettingsQuery = queryOptions({
  queryKey: ['auth-settings'],
  staleTime: Infinity,
  queryFn: async () => {
    const { supabaseUrl, supabasePublishableKey } = env();
    const response = await fetch(`${supabaseUrl}/auth/v1/settings`, {
      headers: { apikey: supabasePublishableKey },
    });
    const { external } = Settings.parse(await response.json());
    return { hasGoogle: external['google'] === true };
  },
});
