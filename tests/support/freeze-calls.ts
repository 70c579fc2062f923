import type { Caller } from './caller.ts';

/** Freezes the caller's whole organization, as its owner does. */
export async function freezeCalls(
  { organizationId, owner }: Caller,
  reason = 'Spends too fast',
): Promise<void> {
  const { error } = await owner.db
    .from('freezes')
    .insert({ organization_id: organizationId, scope: 'organization', scope_id: organizationId, reason });
  if (error) throw error;
}
