import { requireSuccess, unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';
import type { ModelAlias } from './model-alias-queries.ts';

/** `targets`: provider/model, in the order in which they are asked. */
export type ModelAliasValues = Pick<ModelAlias, 'name' | 'targets'>;

/** Means something from the next call on, like every change of it. */
export async function createModelAlias(organizationId: string, values: ModelAliasValues): Promise<void> {
  requireSuccess(
    await supabase()
      .from('model_aliases')
      .insert({ organization_id: organizationId, ...values }),
  );
}

/** Refused with `not_found` where a colleague has deleted it meanwhile. */
export async function changeModelAlias(modelAliasId: string, values: ModelAliasValues): Promise<void> {
  unwrap(
    await supabase().from('model_aliases').update(values).eq('id', modelAliasId).select('id').maybeSingle(),
  );
}

export async function deleteModelAlias(modelAliasId: string): Promise<void> {
  requireSuccess(await supabase().from('model_aliases').delete().eq('id', modelAliasId));
}
