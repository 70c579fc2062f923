import { identifyCaller } from '../_shared/identify-caller.ts';
import { adoptCallId } from './adopt-call-id.ts';
import type { Arrival } from './call.ts';
import { captureBodies } from './capture-bodies.ts';
import { chooseRoute } from './choose-route.ts';
import { consultCache } from './consult-cache.ts';
import { forward } from './forward.ts';
import { isLost } from './judge-attempt.ts';
import type { Proxy } from './proxy.ts';
import { readBody } from './read-body.ts';
import { readCall } from './read-call.ts';
import { relay } from './relay.ts';
import { reserve } from './reserve.ts';
import { serveCached } from './serve-cached.ts';
import { watchClient } from './watch-client.ts';
import { requireTranslation, writeRequest } from './write-request.ts';

/**
 * The hot path of every call that costs: identify caller → read call → choose route → reserve → forward → relay →
 * settle. Refusals are thrown, and rendered once by the caller of this. From `reserve` on the call is in the ledger,
 * and `forward` and `relay` settle it whatever happens, once; what the cache remembers stands in for both.
 */
export async function complete(proxy: Proxy, request: Request, arrival: Arrival): Promise<Response> {
  const caller = identifyCaller(request.headers);
  const body = await readBody(request, proxy.memory);
  try {
    const read = readCall(adoptCallId(arrival, caller, request.headers), request.headers, body.bytes);
    const wish = chooseRoute(read.call);
    requireTranslation(body.bytes, read, wish);
    const open = await reserve(proxy, caller, read.call, wish);
    open.bodies = captureBodies(open.admitted, body.bytes);
    const stopWatching = watchClient(request, open);
    try {
      const cached = await consultCache(proxy, open, read, body.bytes, request.headers);
      if (cached !== null && !isLost(open)) return await serveCached(proxy, open, cached);
      const { upstream, hidesUsage } = await forward(proxy, open, request.headers, (target) =>
        writeRequest(body.bytes, read, target),
      );
      return await relay(proxy, open, upstream, hidesUsage);
    } finally {
      stopWatching();
    }
  } finally {
    body.release();
  }
}
