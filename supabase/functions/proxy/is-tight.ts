import type { OpenCall } from './open-calls.ts';
import { quoteCost } from './quote-cost.ts';
import { noUsage } from './tally.ts';

/**
 * Whether its client's next call may need the room that this one takes. Such a call is settled before its answer ends:
 * who calls one after the other must not be refused for a call of their own that is over.
 */
export function isTight({ admitted, call }: OpenCall): boolean {
  const { rates, price, budget_remaining_usd: remainingUsd, held_output_tokens: heldOutputTokens } = admitted;
  if (rates?.limits_open_calls === true) return true;
  const heldTokens = call.inputTokens + heldOutputTokens;
  if (rates?.tokens != null && rates.tokens.remaining < heldTokens * fewCalls) return true;
  if (remainingUsd == null) return false;
  const heldUsd = quoteCost(price, {
    ...noUsage,
    input_tokens: call.inputTokens,
    output_tokens: heldOutputTokens,
  });
  return Number(remainingUsd) < Number(heldUsd) * fewCalls;
}

/** Where there is room for more than so many like it, the next one finds some, whoever else calls meanwhile. */
const fewCalls = 20;
