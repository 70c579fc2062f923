import { describeError, log } from '../_shared/log.ts';
import type { Refused } from './ledger.ts';
import type { OpenCall } from './open-calls.ts';
import type { Proxy } from './proxy.ts';

/**
 * Told how many output tokens have passed, asks for a larger hold before the present one is used up. The stream
 * does not wait; `onRefused` hears that a budget has no room for more, or that it was frozen.
 */
export function watchHold(
  proxy: Proxy,
  open: OpenCall,
  onRefused: (refused: Refused) => void,
): (outputTokens: number) => void {
  const { maxOutputTokens, id } = open.call;
  const { created_at, organization_id: organizationId } = open.admitted;
  let isAsking = false;
  let askedTokens = 0;

  const ask = async (tokens: number): Promise<void> => {
    isAsking = true;
    askedTokens = tokens;
    try {
      const extension = { id, created_at, output_tokens: tokens, lease_seconds: proxy.config.leaseSeconds };
      const answer = await proxy.ledger.extend(organizationId, extension);
      if (answer.ok) open.heldOutputTokens = Math.max(open.heldOutputTokens, answer.held_output_tokens);
      // Who settled it meanwhile has told the client.
      else if (answer.code !== 'call_not_open') onRefused(answer);
    } catch (error) {
      // Asked again as the output grows; a ledger that is away for a moment ends no stream.
      const metadata = { error: describeError(error) };
      log({
        level: 'warn',
        service: 'proxy',
        action: 'extend_hold',
        requestId: id,
        organizationId,
        metadata,
      });
    } finally {
      isAsking = false;
    }
  };
  return (outputTokens) => {
    const ahead = outputTokens + Math.max(leastAhead, Math.ceil(outputTokens / 4));
    // What we count is an estimate; what the client set is a bound that the provider keeps.
    const needed = Math.min(ahead, maxOutputTokens ?? ahead);
    if (isAsking || needed <= open.heldOutputTokens || needed <= askedTokens) return;
    void ask(needed); // it handles its own failures
  };
}

const leastAhead = 64;
