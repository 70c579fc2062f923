import { requireSuccess } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';
import type { Freezable } from './freeze-queries.ts';

/** New calls are refused from now on, and those in flight are cut. */
export async function freeze(
  organizationId: string,
  { scope, id }: Freezable,
  reason: string,
): Promise<void> {
  requireSuccess(
    await supabase()
      .from('freezes')
      .insert({ organization_id: organizationId, scope, scope_id: id, reason: reason.trim() }),
  );
}

export async function thaw(freezeId: string): Promise<void> {
  requireSuccess(await supabase().from('freezes').delete().eq('id', freezeId));
}
