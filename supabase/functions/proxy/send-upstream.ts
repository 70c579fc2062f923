import { AppError } from '../_shared/errors.ts';
import type { Bytes } from './call.ts';
import { after } from './deadlines.ts';
import { decodeUpstream } from './decode-upstream.ts';
import type { OpenCall } from './open-calls.ts';
import type { Proxy } from './proxy.ts';
import { translateHeaders } from './translate/translate-headers.ts';
import { upstreamHeaders } from './upstream-headers.ts';

/** One request to the call's present target, answered when its status line is there. Throws what fetch does, and AppErrors. */
export async function sendUpstream(
  proxy: Proxy,
  open: OpenCall,
  body: Bytes,
  incoming: Headers,
): Promise<Response> {
  const key = await proxy.openCredential(open.admitted);
  const { call, target, upstream } = open;
  const { provider } = target;
  const base = baseOf(proxy, open);
  const url = provider.url(base, call.route.operation) + call.query;
  const forwarded = upstreamHeaders(incoming, {
    ...provider.headers(key),
    ...proxy.tracer?.propagate(open, incoming),
  });
  const headers = target.isTranslated ? translateHeaders(forwarded) : forwarded;
  const cancelTimeout = after(proxy.config.firstByteTimeoutMs, () => upstream.abort('upstream_timeout'));
  const cancelWatch = proxy.connectWatch.watch(base, (timeout) => upstream.abort(timeout));
  open.overheadMs ??= performance.now() - call.startedAt;
  try {
    // A redirect is relayed, not followed: the provider's key goes to the operator's addresses only.
    const init = { method: 'POST', headers, body, signal: upstream.signal, redirect: 'manual' } as const;
    const answer = await proxy.fetch(url, init);
    proxy.connectWatch.noteAnswer(base);
    return decodeUpstream(answer);
  } finally {
    cancelTimeout();
    cancelWatch();
  }
}

/** The address below which the call's present target is asked. */
export function baseOf({ config }: Proxy, { admitted, target }: OpenCall): string {
  const bases = admitted.credential.is_sandbox ? config.sandboxUrls : config.baseUrls;
  if (bases === null) throw new AppError('sandbox_unavailable');
  return bases[target.provider.name];
}
