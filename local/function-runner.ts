/**
 * The first module of every function's process, run by Deno: gives the function what hosted Supabase's runtime
 * has beside Deno itself, then imports it. Ends, after what the function still has to do, when it is told to
 * (SIGTERM) and when the stack has died (end of standard input).
 */
declare const Deno: {
  args: string[];
  exit: (code: number) => never;
  addSignalListener(signal: 'SIGTERM', listener: () => void): void;
  stdin: { readable: ReadableStream<Uint8Array> };
  serve: (handler: (request: Request) => unknown) => unknown;
};

declare function dispatchEvent(event: Event): boolean;

/** Stopping waits this long for promises given to `waitUntil`. */
const GRACE_MS = 5000;

const pending = new Set<Promise<unknown>>();
let isStopping = false;

function waitUntil(promise: Promise<unknown>): void {
  const settled: Promise<unknown> = Promise.resolve(promise).then(
    () => pending.delete(settled),
    (error: unknown) => {
      console.error('A promise given to EdgeRuntime.waitUntil was rejected:', error);
      pending.delete(settled);
    },
  );
  pending.add(settled);
}

async function stop(reason: string): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  dispatchEvent(new CustomEvent('beforeunload', { detail: { reason } }));
  const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), GRACE_MS));
  while (pending.size > 0) {
    if ((await Promise.race([Promise.all(pending), late])) === 'late') break;
  }
  Deno.exit(0);
}

async function stopWithParent(): Promise<void> {
  for await (const _ of Deno.stdin.readable) continue;
  await stop('parent_ended');
}

Object.assign(globalThis, { EdgeRuntime: { waitUntil } });
Deno.addSignalListener('SIGTERM', () => void stop('termination'));
void stopWithParent();

const entry: unknown = await import(Deno.args[0] ?? '');
const handler = fetchHandler(entry);
if (handler) Deno.serve(handler);

/** `export default { fetch }`, the other form that a function may have. */
function fetchHandler(entryModule: unknown): ((request: Request) => unknown) | undefined {
  const exported = property(entryModule, 'default');
  const handle = property(exported, 'fetch');
  if (typeof handle !== 'function') return undefined;
  return (request): unknown => Reflect.apply(handle, exported, [request]);
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
