import { z } from 'zod';
import { subtractUsd, sumUsd, type Usd, zeroUsd } from '@/lib/money.ts';
import type { Call } from './call-queries.ts';

const Attempt = z.object({
  code: z.string(),
  latency_ms: z.number(),
  usage_source: z.string(),
  /** Null where the model had no price. */
  cost_usd: z.string().nullable(),
  credential_id: z.string().nullable(),
  provider: z.string(),
  model: z.string(),
  retry_after_seconds: z.number().nullish(),
});
export type Attempt = z.infer<typeof Attempt>;

const Attempts = z.array(Attempt).catch([]);

/** The attempts that failed before the one that the call ended with; none where the first was the last. */
export const readAttempts = ({ attempts }: Pick<Call, 'attempts'>): Attempt[] => Attempts.parse(attempts);

/** What they cost, which the call's cost includes. */
export const costOfAttempts = (attempts: readonly Attempt[]): Usd =>
  sumUsd(attempts.map(({ cost_usd }) => cost_usd ?? zeroUsd));

/** What is left of the call's cost for its last attempt; null without a price. */
export function costOfLastAttempt(costUsd: Usd | null, attempts: readonly Attempt[]): Usd | null {
  return costUsd === null ? null : subtractUsd(costUsd, costOfAttempts(attempts));
}
