import type { SecretBox } from '../_shared/secret-box.ts';
import { inBackground } from './background.ts';
import { after, tickMs } from './deadlines.ts';
import { handleRequest } from './handle-request.ts';
import { createLedger, type Database } from './ledger.ts';
import { createMemoryBudget } from './memory-budget.ts';
import { createCredentialOpener } from './open-credential.ts';
import { createOpenCalls } from './open-calls.ts';
import type { Proxy, ProxyConfig } from './proxy.ts';
import type { Fetch } from './send-once.ts';
import { settle } from './settle.ts';
import type { Tracer } from './tracer.ts';
import { createConnectWatch, type TryToConnect } from './watch-connect.ts';

export interface RunningProxy {
  readonly handle: (request: Request) => Promise<Response>;
  readonly openCallCount: () => number;
  /** Settles what is still open by what was seen of it. For a process that is about to end. */
  readonly settleAll: () => Promise<void>;
}

export function createProxy(
  config: ProxyConfig,
  parts: {
    readonly database: Database;
    readonly box: SecretBox;
    readonly fetch: Fetch;
    readonly tracer: Tracer | null;
    readonly tryToConnect?: TryToConnect;
  },
): RunningProxy {
  const ledger = createLedger(parts.database);
  const proxy: Proxy = {
    config,
    ledger,
    openCalls: createOpenCalls(ledger, config),
    openCredential: createCredentialOpener(parts.box),
    memory: createMemoryBudget(config.bodyMemoryBytes),
    fetch: parts.fetch,
    connectWatch: createConnectWatch(config.connectTimeoutMs, parts.tryToConnect),
    tracer: parts.tracer,
  };
  let isPlanned = false;
  const recheck = (): void => {
    // Any login of the database may notify, as often as it likes: one pair of looks serves them all.
    if (isPlanned) return;
    isPlanned = true;
    proxy.openCalls.recheck();
    // A call that was admitted just before may not be known here yet.
    after(recheckAgainMs, () => {
      isPlanned = false;
      proxy.openCalls.recheck();
    });
  };
  // Where a connection cannot listen, as through a transaction pooler, the next renewal of the lease tells.
  inBackground('watch_freezes', parts.database.watchFreezes(recheck));
  return {
    handle: (request) => handleRequest(proxy, request),
    openCallCount: () => proxy.openCalls.all().length,
    settleAll: () => settleAll(proxy),
  };
}

const recheckAgainMs = 400;

async function settleAll(proxy: Proxy): Promise<void> {
  const settling = proxy.openCalls.all().map((open) => {
    const wasSeen = open.tally.pieces > 0 || open.tally.rawUsage !== null;
    const charge = wasSeen ? 'seen' : 'input';
    return settle(proxy, open, { status: 'failed', httpStatus: null, errorCode: 'proxy_stopped', charge });
  });
  await Promise.all(settling);
  await new Promise<void>((resolve) => {
    // Behind the log lines of what was settled.
    after(tickMs, resolve);
  });
  await proxy.tracer?.flush();
}
