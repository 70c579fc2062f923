import type { z } from 'zod';
import type { LedgerRow } from './ledger.ts';
import type { Books } from './provider-reports.ts';

/** What a token costs, in tenths of a nanodollar, as the price list has it. */
const rates = {
  'gpt-4o': { fresh: 25_000n, read: 12_500n, write5m: 0n, write1h: 0n, output: 100_000n },
  'claude-haiku-4-5': { fresh: 10_000n, read: 1_000n, write5m: 12_500n, write1h: 20_000n, output: 50_000n },
} as const;
type Class = keyof (typeof rates)['gpt-4o'];
const classes: readonly Class[] = ['fresh', 'read', 'write5m', 'write1h', 'output'];

const written = {
  'gpt-4o': {
    model: 'gpt-4o-2024-08-06',
    item: (each: Class) => `gpt-4o-2024-08-06, ${each === 'fresh' ? 'input' : each}`,
    /** Dollars */
    scale: 10,
    named: false,
  },
  'claude-haiku-4-5': {
    model: 'claude-haiku-4-5-20251001',
    item: (each: Class) => `Claude Haiku 4.5 Usage - ${each}`,
    /** Cents */
    scale: 8,
    named: true,
  },
} as const;

export type BookedModel = keyof typeof rates;

type Deviation = {
  /** Calls like ours that went another way, in hundredths of ours. */
  moreCallsPercent?: number;
  /** Another price per token, in hundredths of ours. */
  pricePercent?: number;
  tier?: string;
};

/** A provider's books of a day on which exactly these calls of ours were made, or of one that differs in this. */
export function booksOfCalls(
  day: string,
  model: BookedModel,
  rows: readonly LedgerRow[],
  { moreCallsPercent = 0, pricePercent = 100, tier = 'default' }: Deviation = {},
): Pick<z.input<typeof Books>, 'costs' | 'usage'> {
  const grow = (count: number): number => Math.round((count * (100 + moreCallsPercent)) / 100);
  const sum = (pick: (row: LedgerRow) => number): number =>
    grow(rows.reduce((total, row) => total + pick(row), 0));
  const counts = {
    fresh: sum(
      (row) =>
        row.input_tokens - row.cache_read_tokens - row.cache_write_5m_tokens - row.cache_write_1h_tokens,
    ),
    read: sum((row) => row.cache_read_tokens),
    write5m: sum((row) => row.cache_write_5m_tokens),
    write1h: sum((row) => row.cache_write_1h_tokens),
    output: sum((row) => row.output_tokens),
  };
  const { model: name, item, scale, named } = written[model];
  const costs = classes.map((each) => ({
    day,
    item: item(each),
    amount: decimal((BigInt(counts[each]) * rates[model][each] * BigInt(pricePercent)) / 100n, scale),
    model: named ? name : null,
    tier: named ? tier : null,
  }));
  return { costs, usage: [{ day, model: name, tier, requests: grow(rows.length), ...counts }] };
}

function decimal(units: bigint, scale: number): string {
  const digits = units.toString().padStart(scale + 1, '0');
  return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
