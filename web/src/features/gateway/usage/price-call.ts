import { z } from 'zod';
import { priceTokens, roundUsd, sumUsd, type Usd, zeroUsd } from '@/lib/money.ts';

export type TokenCounts = {
  /** The total, caches included. */
  input_tokens: number;
  cache_read_tokens: number;
  cache_write_5m_tokens: number;
  cache_write_1h_tokens: number;
  output_tokens: number;
};

type Rates = {
  input_usd_per_mtok: Usd | null;
  cache_read_usd_per_mtok: Usd | null;
  cache_write_5m_usd_per_mtok: Usd | null;
  cache_write_1h_usd_per_mtok: Usd | null;
  output_usd_per_mtok: Usd | null;
  context_tiers: unknown;
};

export type PriceLine = { label: string; tokens: number; usdPerMtok: Usd; costUsd: Usd };

export type PricedCall = {
  lines: PriceLine[];
  /** Rounded like the ledger, to ten decimals. */
  totalUsd: Usd;
  /** Set when the whole call costs the rates of a long context. */
  aboveInputTokens: number | undefined;
};

// A rate in a tier is a JSON number; its shortest text is the decimal that was written.
const rate = z
  .union([z.number(), z.string()])
  .transform((value) => String(value))
  .nullish();
const Tiers = z.array(
  z.object({
    above_input_tokens: z.number(),
    input: rate,
    cache_read: rate,
    cache_write_5m: rate,
    cache_write_1h: rate,
    output: rate,
  }),
);

/** The arithmetic of `private.price_usage` in SQL, line by line, to be shown: the ledger's cost is what counts. */
export function priceCall(tokens: TokenCounts, rates: Rates): PricedCall {
  const tier = Tiers.parse(rates.context_tiers)
    .filter(({ above_input_tokens }) => tokens.input_tokens > above_input_tokens)
    .sort((left, right) => right.above_input_tokens - left.above_input_tokens)[0];
  const input = tier?.input ?? rates.input_usd_per_mtok ?? zeroUsd;
  const cacheWrite5m = tier?.cache_write_5m ?? rates.cache_write_5m_usd_per_mtok ?? input;
  const { cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens } = tokens;
  const cached = cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens;
  const lines = [
    toLine('Input', Math.max(tokens.input_tokens - cached, 0), input),
    toLine('Cache read', cache_read_tokens, tier?.cache_read ?? rates.cache_read_usd_per_mtok ?? input),
    toLine('Cache write, 5 minutes', cache_write_5m_tokens, cacheWrite5m),
    toLine(
      'Cache write, 1 hour',
      cache_write_1h_tokens,
      tier?.cache_write_1h ?? rates.cache_write_1h_usd_per_mtok ?? cacheWrite5m,
    ),
    toLine('Output', tokens.output_tokens, tier?.output ?? rates.output_usd_per_mtok ?? zeroUsd),
  ];
  return {
    lines: lines.filter(({ tokens: count }) => count > 0),
    totalUsd: roundUsd(sumUsd(lines.map(({ costUsd }) => costUsd))),
    aboveInputTokens: tier?.above_input_tokens,
  };
}

function toLine(label: string, tokens: number, usdPerMtok: Usd): PriceLine {
  return { label, tokens, usdPerMtok, costUsd: priceTokens(tokens, usdPerMtok) };
}
