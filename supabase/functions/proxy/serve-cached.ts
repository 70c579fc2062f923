import { capture } from './capture-bodies.ts';
import { clientHeaders } from './client-headers.ts';
import type { FoundAnswer } from './consult-cache.ts';
import { keepAnswer } from './keep-answer.ts';
import type { OpenCall } from './open-calls.ts';
import type { Proxy } from './proxy.ts';
import { settleForClient } from './settle.ts';

/** Answers an admitted call with what an earlier one like it was answered, byte for byte, and settles it at no cost. */
export async function serveCached(
  proxy: Proxy,
  open: OpenCall,
  { bytes, contentType, costUsd }: FoundAnswer,
): Promise<Response> {
  open.cacheMark = 'hit';
  open.cacheEntry = null;
  open.firstByteAt = performance.now();
  open.tally.ended = true;
  keepAnswer(open, bytes);
  if (open.bodies !== null) {
    capture(open.bodies.response, bytes);
    open.bodies.responseIsStream = contentType.startsWith('text/event-stream');
  }
  await settleForClient(proxy, open, {
    status: 'succeeded',
    httpStatus: 200,
    charge: 'nothing',
    saved: { usd: costUsd },
  });
  const headers = clientHeaders(new Headers({ 'content-type': contentType }), open.call, {
    costUsd: nothing,
    budgetRemainingUsd: open.admitted.budget_remaining_usd,
    rates: open.admitted.rates,
    cacheMark: open.cacheMark,
  });
  return new Response(bytes, { status: 200, headers });
}

const nothing = '0.0000000000';
