import { AppError, toAppError } from '../_shared/errors.ts';
import type { Bytes } from './call.ts';
import { readUpstreamRequestId } from './client-headers.ts';
import { inBackground } from './background.ts';
import { after } from './deadlines.ts';
import { decodeUpstream } from './decode-upstream.ts';
import type { OpenCall } from './open-calls.ts';
import type { Proxy } from './proxy.ts';
import { type Charge, guessUnseenOutput, settle } from './settle.ts';
import { upstreamHeaders } from './upstream-headers.ts';

/**
 * Sends the call to its provider and answers when the status line is there. Whatever fails is settled here and
 * thrown as `upstream_unreachable`, `upstream_disconnected`, `upstream_timeout` or `credential_unreadable`.
 */
export async function forward(
  proxy: Proxy,
  open: OpenCall,
  body: Bytes,
  incoming: Headers,
): Promise<Response> {
  try {
    const key = await proxy.openCredential(open.admitted);
    const upstream = await send(
      proxy,
      open,
      body,
      upstreamHeaders(incoming, open.target.provider.headers(key)),
    );
    open.firstByteAt = open.lastByteAt = performance.now();
    open.upstreamRequestId = readUpstreamRequestId(upstream.headers);
    return upstream;
  } catch (cause) {
    const { error, charge } = judge(proxy, open, cause);
    const status = open.isClientGone ? 'aborted' : 'failed';
    const outcome = { status, httpStatus: error.status, errorCode: error.code, charge } as const;
    inBackground('settle', settle(proxy, open, outcome));
    throw error;
  }
}

/** True when the failed request never left: no connection came about, so nothing can have been billed. */
function wasNeverSent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { message, cause } = error;
  const code = 'code' in error ? error.code : undefined;
  return (
    /client error \(Connect\)|tcp connect error|dns error|failed to lookup/i.test(message) ||
    code === 'ECONNREFUSED' ||
    code === 'ENOTFOUND' ||
    code === 'EAI_AGAIN' ||
    code === 'UND_ERR_CONNECT_TIMEOUT' ||
    // Newer versions of Deno, and Node, tell it as the cause of a failure without words.
    wasNeverSent(cause)
  );
}

async function send(
  proxy: Proxy,
  open: OpenCall,
  body: Bytes,
  headers: [string, string][],
): Promise<Response> {
  const { call, target, admitted, upstream } = open;
  const bases = admitted.credential.is_sandbox ? proxy.config.sandboxUrls : proxy.config.baseUrls;
  if (bases === null) throw new AppError('sandbox_unavailable');
  const { provider } = target;
  const url = provider.url(bases[provider.name], call.route.operation) + call.query;
  const cancelTimeout = after(proxy.config.upstreamTimeoutMs, () => upstream.abort('upstream_timeout'));
  open.overheadMs = performance.now() - call.startedAt;
  try {
    // A redirect is relayed, not followed: the provider's key goes to the operator's addresses only.
    const init = { method: 'POST', headers, body, signal: upstream.signal, redirect: 'manual' } as const;
    return decodeUpstream(await proxy.fetch(url, init));
  } finally {
    cancelTimeout();
  }
}

function judge(proxy: Proxy, open: OpenCall, cause: unknown): { error: AppError; charge: Charge } {
  if (cause instanceof AppError) return { error: cause, charge: 'nothing' };
  if (open.stoppedBy !== null) return { error: open.stoppedBy, charge: guessUnseenOutput(open) };
  if (open.isClientGone) return { error: new AppError('client_closed'), charge: guessUnseenOutput(open) };
  if (open.upstream.signal.aborted) {
    const seconds = Math.round(proxy.config.upstreamTimeoutMs / 1000);
    return { error: new AppError('upstream_timeout', { seconds }), charge: 'input' };
  }
  return wasNeverSent(cause)
    ? { error: new AppError('upstream_unreachable', {}, { cause }), charge: 'nothing' }
    : { error: toAppError(new AppError('upstream_disconnected', {}, { cause })), charge: 'input' };
}
