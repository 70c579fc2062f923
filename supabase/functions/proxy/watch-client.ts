import type { OpenCall } from './open-calls.ts';

/**
 * Until `stop`, notices that the client left. Its organization chose what then happens to upstream: it is heard out
 * within a bound, so that usage is exact, or cancelled at once.
 */
export function watchClient(signal: AbortSignal, open: OpenCall): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onAbort = (): void => {
    open.isClientGone = true;
    if (open.admitted.on_client_abort === 'cancel') open.upstream.abort('client_closed');
    else timer = setTimeout(() => open.upstream.abort('drain_limit'), maxDrainMs);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return () => {
    signal.removeEventListener('abort', onAbort);
    clearTimeout(timer);
  };
}

export const maxDrainMs = 60_000;
