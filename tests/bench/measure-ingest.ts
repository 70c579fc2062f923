import { createCallId } from '../../supabase/functions/proxy/call-id.ts';
import { describeCall, describeSettlement } from '../db/ledger-call.ts';
import type { ProxyLedger } from '../db/proxy-ledger.ts';

export type Ingest = {
  perSecond: number;
  /** The longest that one reservation or settlement took. */
  longestMs: number;
};

/** Reserves and settles calls, one after the other on each connection, until `isOver`. */
export async function measureIngest(
  ledger: ProxyLedger,
  proxyKeys: readonly string[],
  connections: number,
  isOver: () => boolean,
): Promise<Ingest> {
  const startedAt = performance.now();
  let calls = 0;
  let longestMs = 0;
  const timed = async <Answer>(question: Promise<Answer>): Promise<Answer> => {
    const askedAt = performance.now();
    const answer = await question;
    longestMs = Math.max(longestMs, performance.now() - askedAt);
    return answer;
  };
  const work = async (): Promise<void> => {
    while (!isOver()) {
      const call = describeCall(proxyKeys[calls++ % proxyKeys.length] ?? '', 'gpt-4o-mini', {
        id: createCallId(),
        user_id: `user-${calls % 40}`,
      });
      const [reservation] = await timed(ledger.reserve(call));
      if (reservation?.ok !== true) throw new Error(`Not reserved: ${JSON.stringify(reservation)}`);
      await timed(
        ledger.settle(
          describeSettlement(
            { id: call.id, created_at: reservation.created_at },
            { input_tokens: 900, output_tokens: 80 },
          ),
        ),
      );
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  return { perSecond: calls / ((performance.now() - startedAt) / 1000), longestMs };
}
