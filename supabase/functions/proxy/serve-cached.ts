import { inBackground } from './background.ts';
import type { Bytes } from './call.ts';
import { capture } from './capture-bodies.ts';
import { clientHeaders } from './client-headers.ts';
import { keepAnswer } from './keep-answer.ts';
import type { CachedAnswer } from './ledger.ts';
import type { OpenCall } from './open-calls.ts';
import type { Proxy } from './proxy.ts';
import { settle } from './settle.ts';

/** Answers an admitted call with what an earlier one like it was answered, byte for byte, and settles it at no cost. */
export function serveCached(proxy: Proxy, open: OpenCall, cached: CachedAnswer): Response {
  const bytes = fromBase64(cached.body);
  open.cacheMark = 'hit';
  open.cacheEntry = null;
  open.firstByteAt = performance.now();
  open.tally.ended = true;
  keepAnswer(open, bytes);
  if (open.bodies !== null) {
    capture(open.bodies.response, bytes);
    open.bodies.responseIsStream = cached.content_type.startsWith('text/event-stream');
  }
  const settling = settle(proxy, open, {
    status: 'succeeded',
    httpStatus: 200,
    charge: 'nothing',
    saved: { usd: cached.cost_usd },
  });
  inBackground('settle', settling);
  const headers = clientHeaders(new Headers({ 'content-type': cached.content_type }), open.call, {
    costUsd: nothing,
    budgetRemainingUsd: open.admitted.budget_remaining_usd,
    rates: open.admitted.rates,
    cacheMark: open.cacheMark,
  });
  return new Response(bytes, { status: 200, headers });
}

const nothing = '0.0000000000';

function fromBase64(text: string): Bytes {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
