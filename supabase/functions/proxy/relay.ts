import type { OpenCall } from './open-calls.ts';
import type { Proxy } from './proxy.ts';
import { relayPlain } from './relay-plain.ts';
import { relayStream } from './relay-stream.ts';

/** Hands upstream's answer on and settles the call: what upstream sends decides how, and what was asked where it does not say. */
export async function relay(
  proxy: Proxy,
  open: OpenCall,
  upstream: Response,
  hidesUsage: boolean,
): Promise<Response> {
  const { ok, body, headers } = upstream;
  const isStream =
    headers.get('content-type')?.toLowerCase().startsWith('text/event-stream') ?? open.call.stream;
  return ok && isStream && body !== null
    ? relayStream(proxy, open, upstream, body, hidesUsage)
    : relayPlain(proxy, open, upstream);
}
