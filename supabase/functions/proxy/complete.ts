import type { Arrival } from './call.ts';
import { chooseRoute } from './choose-route.ts';
import { forward } from './forward.ts';
import { identifyCaller } from './identify-caller.ts';
import type { Proxy } from './proxy.ts';
import { readBody } from './read-body.ts';
import { readCall } from './read-call.ts';
import { relay } from './relay.ts';
import { reserve } from './reserve.ts';
import { spliceBytes } from './splice-bytes.ts';
import { spliceCall } from './splice-call.ts';
import { watchClient } from './watch-client.ts';

/**
 * The hot path of every call that costs: identify caller → read call → choose route → reserve → forward → relay →
 * settle. Refusals are thrown, and rendered once by the caller of this. From `reserve` on the call is in the ledger,
 * and `forward` and `relay` settle it whatever happens, once.
 */
export async function complete(proxy: Proxy, request: Request, arrival: Arrival): Promise<Response> {
  const caller = identifyCaller(request.headers);
  const body = await readBody(request, proxy.memory);
  try {
    const { call, members } = readCall(arrival, request.headers, body.bytes);
    const target = chooseRoute(call);
    const asksUsage = call.stream && target.provider.usageMustBeAsked && !call.decidesUsage;
    const model = target.model === call.model ? null : target.model;
    const bytes = spliceBytes(body.bytes, spliceCall(body.bytes, members, { model, asksUsage }));

    const open = await reserve(proxy, caller, call, target);
    const stopWatching = watchClient(request, open);
    try {
      const upstream = await forward(proxy, open, bytes, request.headers);
      return await relay(proxy, open, upstream, asksUsage);
    } finally {
      stopWatching();
    }
  } finally {
    body.release();
  }
}
