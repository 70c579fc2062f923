import { z } from 'zod';
import { ApiKey, Provider } from './gateway.ts';

export const CreateBillingKey = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('admin'), organizationId: z.uuid(), provider: Provider, apiKey: ApiKey }),
  z.object({ kind: z.literal('events'), organizationId: z.uuid(), provider: Provider }),
]);
export type CreateBillingKey = z.infer<typeof CreateBillingKey>;

/** What came of reading a provider's reports; `error` is for people. */
export const BillRead = z.object({ daysThatDiffer: z.int(), error: z.string().nullable() });
export type BillRead = z.infer<typeof BillRead>;

export const StoredBillingKey = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('admin'), id: z.uuid(), lastFour: z.string().length(4), read: BillRead }),
  /** Where the provider posts its events, and the secret that signs them, which is shown this once. */
  z.object({ kind: z.literal('events'), id: z.uuid(), url: z.url(), secret: z.string() }),
]);
export type StoredBillingKey = z.infer<typeof StoredBillingKey>;

const tokens = z.int().nonnegative().max(1e15).optional();

const Charge = z.object({
  /** UTC */
  day: z.iso.date(),
  /** What was charged for, as the provider calls it; the model's name where there is nothing else. */
  line_item: z.string().max(300).optional(),
  model: z.string().min(1).max(200).optional(),
  service_tier: z.string().max(50).optional(),
  /** Dollars as a decimal string; a credit is negative. */
  amount_usd: z
    .string()
    .regex(/^-?\d{1,9}(\.\d{1,10})?$/, 'An amount is dollars with up to ten decimals, as a string.')
    .optional(),
  requests: tokens,
  /** The total, caches included. */
  input_tokens: tokens,
  cache_read_tokens: tokens,
  cache_write_5m_tokens: tokens,
  cache_write_1h_tokens: tokens,
  output_tokens: tokens,
});
export type Charge = z.infer<typeof Charge>;

/** What a provider pushes: charges that add to those before. The same `webhook-id` again adds nothing. */
export const ProviderEvent = z.object({ charges: z.array(Charge).min(1).max(1000) });
export type ProviderEvent = z.infer<typeof ProviderEvent>;
