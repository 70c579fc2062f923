import { z } from 'zod';

/** Dollars per million tokens, or per hour: more is a mistake of units. */
const Price = z.number().min(0).max(100_000);

const Rate = z.union([
  Price,
  z.object({
    base: Price,
    tiers: z.array(z.object({ start: z.number().int().nonnegative(), price: Price })),
  }),
]);
type Rate = z.infer<typeof Rate>;

const Rates = z.object({
  input_mtok: Rate.optional(),
  cache_read_mtok: Rate.optional(),
  cache_write_mtok: Rate.optional(),
  cache_write_1h_mtok: Rate.optional(),
  output_mtok: Rate.optional(),
  input_image_mtok: Rate.optional(),
  output_image_mtok: Rate.optional(),
  input_audio_mtok: Rate.optional(),
  output_audio_mtok: Rate.optional(),
  input_audio_hours: Rate.optional(),
});
type Rates = z.infer<typeof Rates>;

const Conditional = z.object({
  constraint: z.object({ start_date: z.iso.date().optional() }).optional(),
  prices: Rates,
});

const Model = z.object({
  id: z.string(),
  name: z.string().optional(),
  match: z.record(z.string(), z.json()),
  context_window: z.number().int().optional(),
  deprecated: z.boolean().optional(),
  prices: z.union([z.array(Conditional), Rates]),
});
type Model = z.infer<typeof Model>;

/** The price list that `@pydantic/genai-prices` is built from. Its models are read one by one, and only ours. */
export const PriceList = z.array(
  z.object({ id: z.string(), models: z.array(z.looseObject({ id: z.string() })) }),
);
export type PriceList = z.infer<typeof PriceList>;

/** Rates of a call whose input is above a number of tokens, or of any call; dollars per million tokens. */
type Tier = {
  input?: number;
  cache_read?: number;
  cache_write_5m?: number;
  cache_write_1h?: number;
  output?: number;
};

const rateNames = {
  input: 'input_mtok',
  cache_read: 'cache_read_mtok',
  cache_write_5m: 'cache_write_mtok',
  cache_write_1h: 'cache_write_1h_mtok',
  output: 'output_mtok',
} as const satisfies Record<keyof Tier, keyof Rates>;
type RateName = keyof typeof rateNames;
const rateKeys: readonly RateName[] = ['input', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'output'];

/** The epoch stands for "as long as anyone remembers". */
const ALWAYS = '1970-01-01T00:00:00Z';

/**
 * Rows for `import_model_prices`. A model that cannot be read or is not plausible (a cache read dearer than input, a
 * one-hour write that is not twice the input) is left out and named in `rejected`; one that is not priced by the token is
 * left out.
 */
export function toImport(list: PriceList, providerIds: Readonly<Record<string, string>>) {
  const rejected: string[] = [];
  const models = [];
  const prices = [];
  for (const [provider, listId] of Object.entries(providerIds)) {
    const entries = list.find(({ id }) => id === listId)?.models ?? [];
    for (const [position, entry] of entries.entries()) {
      const { data: model, error } = Model.safeParse(entry);
      if (model === undefined) {
        rejected.push(`${provider}/${entry.id}: ${error.issues[0]?.path.join('.')} cannot be read`);
        continue;
      }
      const rows = toPriceRows(provider, model);
      const complaint = rows
        .map(({ input, cache_read, cache_write_1h }) => complain({ input, cache_read, cache_write_1h }))
        .find(Boolean);
      if (rows.length === 0) continue;
      if (complaint !== undefined) {
        rejected.push(`${provider}/${model.id}: ${complaint}`);
        continue;
      }
      models.push({
        provider,
        model: model.id,
        display_name: model.name ?? model.id,
        name_match: model.match,
        position,
        context_window: model.context_window ?? null,
        is_deprecated: model.deprecated ?? false,
      });
      prices.push(...rows);
    }
  }
  return { models, prices, rejected };
}

function toPriceRows(provider: string, model: Model) {
  const dated = Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }];
  const priced = dated.filter(
    ({ prices }) => (prices.input_mtok ?? prices.output_mtok ?? prices.input_audio_hours) !== undefined,
  );
  return priced.map(({ constraint, prices }, index) => ({
    provider,
    model: model.id,
    service_tier: 'standard',
    valid_from: constraint?.start_date ?? ALWAYS,
    is_latest: index === priced.length - 1,
    ...baseRates(prices),
    context_tiers: contextTiers(prices),
    media_rates: mediaRates(prices),
  }));
}

const mediaRateNames = {
  input_image: 'input_image_mtok',
  output_image: 'output_image_mtok',
  input_audio: 'input_audio_mtok',
  output_audio: 'output_audio_mtok',
  audio_hour: 'input_audio_hours',
} as const satisfies Record<string, keyof Rates>;

/** What images and audio cost, where that differs from text. */
function mediaRates(prices: Rates): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(mediaRateNames).flatMap(([name, theirs]) => {
      const rate = baseOf(prices[theirs]);
      return rate === null ? [] : [[name, rate]];
    }),
  );
}

function baseOf(rate: Rate | undefined): number | null {
  return rate === undefined ? null : typeof rate === 'number' ? rate : rate.base;
}

function baseRates(prices: Rates): Record<RateName, number | null> {
  const base = (name: RateName): number | null => baseOf(prices[rateNames[name]]);
  return {
    input: base('input'),
    cache_read: base('cache_read'),
    cache_write_5m: base('cache_write_5m'),
    cache_write_1h: base('cache_write_1h'),
    output: base('output'),
  };
}

function contextTiers(prices: Rates): Array<Tier & { above_input_tokens: number }> {
  const tiered = rateKeys.flatMap((name) => {
    const rate: Rate | undefined = prices[rateNames[name]];
    return rate === undefined || typeof rate === 'number'
      ? []
      : rate.tiers.map((tier) => ({ name, ...tier }));
  });
  const starts = [...new Set(tiered.map(({ start }) => start))].toSorted((a, b) => a - b);
  return starts.map((start) => {
    const tier: Tier & { above_input_tokens: number } = { above_input_tokens: start };
    // A rate that changed at a lower start still holds here.
    for (const { name, price } of tiered
      .filter((each) => each.start <= start)
      .toSorted((a, b) => a.start - b.start)) {
      tier[name] = price;
    }
    return tier;
  });
}

function complain(rates: {
  input: number | null;
  cache_read: number | null;
  cache_write_1h: number | null;
}): string | undefined {
  const { input, cache_read, cache_write_1h } = rates;
  if (input === null) return undefined;
  if (cache_read !== null && cache_read > input) return `a cache read costs ${cache_read}, input ${input}`;
  if (cache_write_1h !== null && Math.abs(cache_write_1h - 2 * input) > 1e-9) {
    return `a one-hour cache write costs ${cache_write_1h}, not twice the input's ${input}`;
  }
  return undefined;
}
