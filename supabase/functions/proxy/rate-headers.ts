import { z } from 'zod';
import type { Dialect } from './call.ts';

const Rate = z.object({ limit: z.number(), remaining: z.number() });

/** The least that is left of a minute, of what is limited, and when all of it will be free again. */
export const Rates = z.object({
  requests: Rate.nullable(),
  tokens: Rate.nullable(),
  reset_seconds: z.number(),
  /** Only so many calls may be open at once. */
  limits_open_calls: z.boolean(),
});
export type Rates = z.infer<typeof Rates>;

/** Our limits in the headers that the dialect's clients know; upstream's own are about all of the organization's keys. */
export function rateHeaders(dialect: Dialect, rates: Rates, at = Date.now()): [string, string][] {
  const reset =
    dialect === 'anthropic'
      ? new Date(at + rates.reset_seconds * 1000).toISOString()
      : `${Math.max(rates.reset_seconds, 0)}s`;
  return units.flatMap((unit) => {
    const rate = rates[unit];
    if (rate === null) return [];
    const values = { limit: rate.limit, remaining: Math.max(rate.remaining, 0), reset };
    return fields.map((field): [string, string] => [names[dialect](field, unit), String(values[field])]);
  });
}

const units = ['requests', 'tokens'] as const;
const fields = ['limit', 'remaining', 'reset'] as const;
const names = {
  openai: (field: string, unit: string) => `x-ratelimit-${field}-${unit}`,
  anthropic: (field: string, unit: string) => `anthropic-ratelimit-${unit}-${field}`,
} satisfies Record<Dialect, (field: string, unit: string) => string>;
