import type { Usd } from '@/lib/money.ts';
import { priceCall } from '../usage/price-call.ts';
import type { Price } from './price-queries.ts';

/** A call's size, as people say it: `cached` is a part of `input`. */
export type CallSize = { input: number; cached: number; output: number };

/** What a call of this size costs at a price. */
export const costOfCall = (price: Price, { input, cached, output }: CallSize): Usd =>
  priceCall(
    {
      input_tokens: input,
      cache_read_tokens: Math.min(cached, input),
      cache_write_5m_tokens: 0,
      cache_write_1h_tokens: 0,
      output_tokens: output,
    },
    price,
  ).totalUsd;
