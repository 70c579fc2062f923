import { keepAlive } from '../_shared/keep-alive.ts';

/** Keeps the isolate alive until the promise settles; a failure is logged, never dropped. */
export function inBackground(action: string, promise: Promise<unknown>): void {
  keepAlive('proxy', action, promise);
}
