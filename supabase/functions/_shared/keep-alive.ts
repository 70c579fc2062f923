import { describeError, log } from './log.ts';

/** Keeps the isolate alive until the promise settles, where the runtime can; a failure is logged, never dropped. */
export function keepAlive(service: string, action: string, promise: Promise<unknown>): void {
  const guarded = promise.catch((error: unknown) =>
    log({ level: 'error', service, action, metadata: { error: describeError(error) } }),
  );
  runtimeGlobals().EdgeRuntime?.waitUntil(guarded);
}

export function hasEdgeRuntime(): boolean {
  return runtimeGlobals().EdgeRuntime !== undefined;
}

interface EdgeRuntime {
  waitUntil: (promise: Promise<unknown>) => void;
}

/** Guarantee: hosted functions and the embedded stack set this global; elsewhere it is undefined. */
function runtimeGlobals(): { readonly EdgeRuntime?: EdgeRuntime } {
  return globalThis as { readonly EdgeRuntime?: EdgeRuntime };
}
