import { after } from './deadlines.ts';

/** What the promise answers, or null if it takes longer. The promise itself goes on. */
export function within<Value>(promise: Promise<Value>, maxMs: number): Promise<Value | null> {
  return new Promise((resolve, reject) => {
    const cancel = after(maxMs, () => resolve(null));
    promise.then(resolve, reject).finally(cancel);
  });
}
