import { readEnv } from '../_shared/env.ts';
import { hasEdgeRuntime } from '../_shared/keep-alive.ts';
import { createSecretBox } from '../_shared/secret-box.ts';
import { inBackground } from './background.ts';
import { connectDatabase } from './connect-database.ts';
import { createProxy } from './create-proxy.ts';
import { pause } from './pause.ts';
import { ProxyEnvironment, proxyConfigOf, tracerConfigOf } from './proxy-environment.ts';
import { sendOnce } from './send-once.ts';
import { createTracer } from './tracer.ts';

const environment = readEnv(ProxyEnvironment);
const tracerConfig = tracerConfigOf(environment);
const proxy = createProxy(proxyConfigOf(environment), {
  database: connectDatabase(environment.PROXY_DATABASE_URL),
  box: createSecretBox(environment.ENCRYPTION_KEYS),
  fetch: sendOnce(fetch, Deno.version.deno),
  tracer: tracerConfig === null ? null : createTracer(tracerConfig, fetch),
});
const server = Deno.serve(proxy.handle);

// A runtime around this announces the end, but waits for little: settle at once what is open, as it was seen.
addEventListener('beforeunload', () => inBackground('settle_open_calls', proxy.settleAll()));

/** Under a plain process manager: no new calls, a moment for those under way, then the same. */
async function stop(): Promise<never> {
  void server.shutdown();
  for (let waitedMs = 0; proxy.openCallCount() > 0 && waitedMs < maxWaitMs; waitedMs += 50) await pause(50);
  await Promise.race([proxy.settleAll(), pause(2_000)]);
  Deno.exit(0);
}

const maxWaitMs = 3_000;
if (!hasEdgeRuntime()) {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) Deno.addSignalListener(signal, () => void stop());
}
