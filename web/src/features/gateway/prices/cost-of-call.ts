import type { Usd } from '@/lib/money.ts';
import { priceCall } from '../usage/price-call.ts';
import type { Price } from './price-queries.ts';

/** A call's size, as people say it: `cached` is a part of `input`. */
export type CallSize = { input: number; cached: number; output: number };

/** What a call of this size costs at a price; null where tokens have none, but time has. */
export const costOfCall = (price: Price, { input, cached, output }: CallSize): Usd | null =>
  price.input_usd_per_mtok === null && price.output_usd_per_mtok === null
    ? null
    : priceCall(
        {
          input_tokens: input,
          cache_read_tokens: Math.min(cached, input),
          cache_write_5m_tokens: 0,
          cache_write_1h_tokens: 0,
          output_tokens: output,
        },
        price,
      ).totalUsd;
