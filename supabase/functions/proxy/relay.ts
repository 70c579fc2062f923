import type { OpenCall } from './open-calls.ts';
import type { Proxy } from './proxy.ts';
import { relayPlain } from './relay-plain.ts';
import { relayStream } from './relay-stream.ts';

/** Hands upstream's answer on and settles the call: what upstream sends, not what was asked, decides how. */
export async function relay(
  proxy: Proxy,
  open: OpenCall,
  upstream: Response,
  hidesUsage: boolean,
): Promise<Response> {
  const { ok, body, headers } = upstream;
  const isStream = headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  return ok && isStream && body !== null
    ? relayStream(proxy, open, upstream, body, hidesUsage)
    : relayPlain(proxy, open, upstream);
}
