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
  /** How old an answer its calls accept in place of their own; null: none. */
  cacheSeconds: number | null;
};

export const newProxyKey: ProxyKeyValues = { name: '', allowedModels: [], lastDay: null, cacheSeconds: null };

/** The key itself is in the answer, this once. */
export async function mintProxyKey(
  projectId: string,
  values: ProxyKeyValues,
  timeZone: string,
): Promise<string> {
  const { key } = unwrap(
    await supabase()
      .rpc('mint_proxy_key', toMinted(projectId, values, timeZone))
      .single(),
  );
  return key;
}

/** For the caller's own calls, below the cap that an admin set. Answered as above. */
export async function mintPersonalKey(
  projectId: string,
  values: ProxyKeyValues,
  timeZone: string,
): Promise<string> {
  const { key } = unwrap(
    await supabase()
      .rpc('mint_personal_key', toMinted(projectId, values, timeZone))
      .single(),
  );
  return key;
}

export type RotatedKey = { key: string; previousUntil: string };

/** A new secret, in the answer this once; those before it work for the grace, an interval as SQL writes it. */
export async function rotateProxyKey({ id }: Pick<ProxyKey, 'id'>, grace: string): Promise<RotatedKey> {
  const { key, previous_until } = unwrap(await supabase().rpc('rotate_proxy_key', { id, grace }).single());
  return { key, previousUntil: previous_until };
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

function toMinted(projectId: string, values: ProxyKeyValues, timeZone: string) {
  const { name, ...options } = toRow(values, timeZone);
  return { project_id: projectId, name, options };
}

function toRow({ name, allowedModels, lastDay, cacheSeconds }: ProxyKeyValues, timeZone: string) {
  const models = allowedModels.map((model) => model.trim()).filter((model) => model !== '');
  return {
    name: name.trim(),
    allowed_models: models.length === 0 ? null : models,
    cache_seconds: cacheSeconds,
    expires_at: lastDay === null ? null : startOfDay(addDays(lastDay, 1), timeZone).toISOString(),
  };
}
