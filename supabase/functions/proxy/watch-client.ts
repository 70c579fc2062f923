import { after } from './deadlines.ts';
import type { OpenCall } from './open-calls.ts';

/**
 * Until the answered function is called, notices that the client left. Its organization chose what then happens to
 * upstream: it is heard out within a bound, so that usage is exact, or cancelled at once.
 */
export function watchClient(request: Request, open: OpenCall): () => void {
  let stop = (): void => {};
  // The signal is costly to a short call, and to be told late is soon enough for a long one.
  const cancelStart = after(startAfterMs, () => {
    stop = listen(request.signal, open);
  });
  return () => {
    cancelStart();
    stop();
  };
}

/** How long upstream is heard out without a client; longer where somebody will come for the answer. */
export function drainLimitMs({ call }: OpenCall): number {
  return call.isInternal === true ? 600_000 : 60_000;
}

const startAfterMs = 50;

function listen(signal: AbortSignal, open: OpenCall): () => void {
  let cancelBound = (): void => {};
  const onAbort = (): void => {
    open.isClientGone = true;
    if (open.admitted.on_client_abort === 'cancel') open.upstream.abort('client_closed');
    else cancelBound = after(drainLimitMs(open), () => open.upstream.abort('drain_limit'));
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return () => {
    signal.removeEventListener('abort', onAbort);
    cancelBound();
  };
}
