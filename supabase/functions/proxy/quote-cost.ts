import { z } from 'zod';
import type { TokenUsage } from './tally.ts';

const Rate = z.string().nullable();

const ContextTier = z.object({
  above_input_tokens: z.number(),
  input: z.number().optional(),
  cache_read: z.number().optional(),
  cache_write_5m: z.number().optional(),
  cache_write_1h: z.number().optional(),
  output: z.number().optional(),
});

/** A price as `reserve_calls` answers it: dollars per million tokens, as decimal strings; null where there is none. */
export const Price = z.object({
  input: Rate,
  cache_read: Rate,
  cache_write_5m: Rate,
  cache_write_1h: Rate,
  output: Rate,
  context_tiers: z.array(ContextTier),
});
export type Price = z.infer<typeof Price>;
type RateName = Exclude<keyof Price, 'context_tiers'>;

/**
 * What settlement will write, so that a plain answer can carry it without waiting for settlement: dollars with ten
 * decimals, by the rules of `private.price_usage`. Null where only the database knows (no price, another service tier,
 * images, audio).
 */
export function quoteCost(price: Price | null | undefined, usage: TokenUsage): string | null {
  if (price == null || usage.media !== undefined || !standardTiers.has(usage.service_tier)) return null;
  const tier = price.context_tiers
    .filter(({ above_input_tokens }) => usage.input_tokens > above_input_tokens)
    .toSorted((a, b) => b.above_input_tokens - a.above_input_tokens)[0];
  const rate = (name: RateName, otherwise: bigint): bigint => {
    const rateHere = tier?.[name]?.toString() ?? price[name];
    return rateHere === null ? otherwise : toUnits(rateHere);
  };
  const input = rate('input', 0n);
  const write5m = rate('cache_write_5m', input);
  const cached = usage.cache_read_tokens + usage.cache_write_5m_tokens + usage.cache_write_1h_tokens;
  const cost =
    BigInt(Math.max(usage.input_tokens - cached, 0)) * input +
    BigInt(usage.cache_read_tokens) * rate('cache_read', input) +
    BigInt(usage.cache_write_5m_tokens) * write5m +
    BigInt(usage.cache_write_1h_tokens) * rate('cache_write_1h', write5m) +
    BigInt(usage.output_tokens) * rate('output', 0n);
  const digits = String((cost + 500_000n) / 1_000_000n).padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

const standardTiers = new Set([null, 'standard', 'default', 'auto']);
const decimals = 10;

/** A decimal number in units of 1e-10. */
function toUnits(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0'));
}
