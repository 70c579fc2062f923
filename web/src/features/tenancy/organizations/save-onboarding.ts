import { z } from 'zod';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

const Preferences = z.record(z.string(), z.json()).catch({});

/** For everyone in the organization: the first steps are not offered again. */
export async function saveOnboarding(organizationId: string, outcome: 'done' | 'skipped'): Promise<void> {
  const table = supabase().from('organizations');
  const { preferences } = unwrap(await table.select('preferences').eq('id', organizationId).maybeSingle());
  unwrap(
    await table
      .update({ preferences: { ...Preferences.parse(preferences), onboarding: outcome } })
      .eq('id', organizationId)
      .select('id')
      .maybeSingle(),
  );
}
