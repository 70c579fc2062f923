import { type Day, addDays, daysBetween, startOfDay } from '@/lib/dates.ts';
import { requireSuccess, unwrap } from '@/lib/errors.ts';
import { sumUsd } from '@/lib/money.ts';
import { supabase } from '@/lib/supabase.ts';
import type { Repriced } from './price-queries.ts';

export type NewPrice = {
  provider: string;
  /** Null: every model of the provider. */
  model: string | null;
  validFrom: Date;
} & ({ discountPercent: number } | { input: number; cacheRead: number | null; output: number });

/** Holds for calls that are made from then on. */
export async function setPrice(organizationId: string, price: NewPrice): Promise<void> {
  requireSuccess(
    await supabase()
      .from('organization_prices')
      .insert({
        organization_id: organizationId,
        provider: price.provider,
        model: price.model,
        valid_from: price.validFrom.toISOString(),
        ...('discountPercent' in price
          ? { discount_percent: price.discountPercent }
          : {
              input_usd_per_mtok: price.input,
              cache_read_usd_per_mtok: price.cacheRead,
              output_usd_per_mtok: price.output,
            }),
      }),
  );
}

export async function deletePrice(priceId: string): Promise<void> {
  requireSuccess(await supabase().from('organization_prices').delete().eq('id', priceId));
}

/** From a day to a day, both included, in a zone. */
type DaySpan = { from: Day; to: Day; timeZone: string };

/** What pricing these days again would change, model by model; `onDay` is told how many were looked at. */
export async function previewRepricing(
  organizationId: string,
  span: DaySpan,
  onDay: (done: number) => void,
): Promise<Repriced[]> {
  const models = new Map<string, Repriced>();
  await eachDay(span, onDay, async (range) => {
    const rows = unwrap(
      await supabase().rpc('preview_repricing', { organization_id: organizationId, ...range }),
    );
    for (const { provider, model, calls, before_usd, after_usd } of rows) {
      const so = models.get(`${provider}/${model}`);
      models.set(`${provider}/${model}`, {
        provider,
        model,
        calls: calls + (so?.calls ?? 0),
        beforeUsd: sumUsd([before_usd, so?.beforeUsd ?? '0']),
        afterUsd: sumUsd([after_usd, so?.afterUsd ?? '0']),
      });
    }
  });
  return [...models.values()];
}

/** Prices these days again, one after the other; answers how many calls that changed. */
export async function reprice(
  organizationId: string,
  span: DaySpan,
  onDay: (done: number) => void,
): Promise<number> {
  let changed = 0;
  await eachDay(span, onDay, async (range) => {
    const { calls } = unwrap(
      await supabase()
        .rpc('reprice_usage', { organization_id: organizationId, ...range })
        .single(),
    );
    changed += calls;
  });
  return changed;
}

async function eachDay(
  { from, to, timeZone }: DaySpan,
  onDay: (done: number) => void,
  act: (range: { from_at: string; to_at: string }) => Promise<void>,
): Promise<void> {
  for (const [index, day] of daysBetween(from, to).entries()) {
    await act({
      from_at: startOfDay(day, timeZone).toISOString(),
      to_at: startOfDay(addDays(day, 1), timeZone).toISOString(),
    });
    onDay(index + 1);
  }
}
