import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { unwrap } from '@/lib/errors.ts';
import type { Usd } from '@/lib/money.ts';
import { supabase } from '@/lib/supabase.ts';

const Rate = z.string().nullable();

const rates = {
  input_usd_per_mtok: Rate,
  cache_read_usd_per_mtok: Rate,
  cache_write_5m_usd_per_mtok: Rate,
  cache_write_1h_usd_per_mtok: Rate,
  output_usd_per_mtok: Rate,
};

const Price = z.object({
  provider: z.string(),
  model: z.string(),
  display_name: z.string(),
  context_window: z.number().nullable(),
  is_own: z.boolean(),
  valid_from: z.string(),
  ...rates,
  context_tiers: z.unknown(),
});

/** Of what is not text: dollars per million tokens, and by the hour. */
const MediaRates = z.record(z.string(), z.number());

/** What a model costs this organization now; dollars per million tokens. */
export type Price = z.infer<typeof Price>;

export type OwnPrice = Awaited<ReturnType<typeof fetchOwn>>[number];
export type DatedPrice = Awaited<ReturnType<typeof fetchHistory>>[number];

/** A model's calls of a stretch of time, before and after pricing them again. */
export type Repriced = { provider: string; model: string; calls: number; beforeUsd: Usd; afterUsd: Usd };

export const priceQueries = {
  all: (organizationId: string) => ['gateway', organizationId, 'prices'],
  list: (organizationId: string) =>
    queryOptions({
      queryKey: [...priceQueries.all(organizationId), 'list'],
      queryFn: async () =>
        z
          .array(Price)
          .parse(unwrap(await supabase().rpc('list_prices', { organization_id: organizationId }))),
    }),
  own: (organizationId: string) =>
    queryOptions({
      queryKey: [...priceQueries.all(organizationId), 'own'],
      queryFn: () => fetchOwn(organizationId),
    }),
  /** The latest first; the organization's own before the list's. */
  history: (organizationId: string, provider: string, model: string) =>
    queryOptions({
      queryKey: [...priceQueries.all(organizationId), 'history', provider, model],
      queryFn: () => fetchHistory(organizationId, provider, model),
    }),
};

// Money is asked for as text: a JSON number would be a float.
const rateColumns =
  'input_usd_per_mtok::text, cache_read_usd_per_mtok::text, cache_write_5m_usd_per_mtok::text, cache_write_1h_usd_per_mtok::text, output_usd_per_mtok::text';

async function fetchOwn(organizationId: string) {
  return unwrap(
    await supabase()
      .from('organization_prices')
      .select(
        `id, provider, model, discount_percent::text, valid_from, input_usd_per_mtok::text, cache_read_usd_per_mtok::text, output_usd_per_mtok::text`,
      )
      .eq('organization_id', organizationId)
      .order('valid_from', { ascending: false }),
  );
}

async function fetchHistory(organizationId: string, provider: string, model: string) {
  const dated = unwrap(
    await supabase()
      .from('model_prices')
      .select(`id, organization_id, service_tier, valid_from, media_rates, ${rateColumns}`)
      .eq('provider', provider)
      .eq('model', model)
      .eq('is_superseded', false)
      .or(`organization_id.is.null,organization_id.eq.${organizationId}`)
      .order('organization_id', { nullsFirst: false })
      .order('valid_from', { ascending: false }),
  );
  return dated.map((price) => ({ ...price, media_rates: MediaRates.parse(price.media_rates) }));
}
