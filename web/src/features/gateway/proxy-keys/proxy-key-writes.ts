import { addDays, type Day, startOfDay } from '@/lib/dates.ts';
import { requireSuccess, unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';
import type { ProxyKey } from './proxy-key-queries.ts';

export type ProxyKeyValues = {
  name: string;
  /** None means every model that has a price; * stands for anything. */
  allowedModels: readonly string[];
  /** The last day on which it works, in the organization's zone. */
  lastDay: Day | null;
};

/** The key itself is in the answer, this once. */
export async function mintProxyKey(
  projectId: string,
  values: ProxyKeyValues,
  timeZone: string,
): Promise<string> {
  const { name, expires_at, allowed_models } = toRow(values, timeZone);
  const { key } = unwrap(
    await supabase()
      .rpc('mint_proxy_key', {
        project_id: projectId,
        name,
        options: {
          ...(expires_at === null ? {} : { expires_at }),
          ...(allowed_models === null ? {} : { allowed_models }),
        },
      })
      .single(),
  );
  return key;
}

export async function changeProxyKey(
  { id }: Pick<ProxyKey, 'id'>,
  values: ProxyKeyValues,
  timeZone: string,
): Promise<void> {
  requireSuccess(await supabase().from('proxy_keys').update(toRow(values, timeZone)).eq('id', id));
}

/** The next call with it is refused. There is no way back. */
export async function revokeProxyKey({ id }: Pick<ProxyKey, 'id'>): Promise<void> {
  requireSuccess(await supabase().rpc('revoke_proxy_key', { id }));
}

function toRow({ name, allowedModels, lastDay }: ProxyKeyValues, timeZone: string) {
  const models = allowedModels.map((model) => model.trim()).filter((model) => model !== '');
  return {
    name: name.trim(),
    allowed_models: models.length === 0 ? null : models,
    expires_at: lastDay === null ? null : startOfDay(addDays(lastDay, 1), timeZone).toISOString(),
  };
}
