import { calcPrice } from '@pydantic/genai-prices';
import type { Provider } from '../../supabase/functions/_shared/contracts/gateway.ts';

/** Token counts as the ledger keeps them: `input` is the total, caches included. */
export type Tokens = {
  input: number;
  read?: number;
  write5m?: number;
  write1h?: number;
  output: number;
  reasoning?: number;
};

const priceListIds = { openai: 'openai', anthropic: 'anthropic', moonshot: 'moonshotai' } as const;

/** Dollars to the tenth decimal as the price library has them, null where it knows no price. */
export function libraryPrice(
  provider: Provider,
  model: string,
  tokens: Tokens,
  timestamp = new Date(),
): string | null {
  const { input, read = 0, write5m = 0, write1h = 0, output } = tokens;
  const usage = {
    input_tokens: input,
    cache_read_tokens: read,
    cache_write_tokens: write5m + write1h,
    cache_write_1h_tokens: write1h,
    output_tokens: output,
  };
  const price = calcPrice(usage, model, { providerId: priceListIds[provider], timestamp });
  return price?.total_price.toFixed(10) ?? null;
}
