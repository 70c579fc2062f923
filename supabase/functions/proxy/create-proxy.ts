import type { SecretBox } from '../_shared/secret-box.ts';
import { handleRequest } from './handle-request.ts';
import { createLedger, type Database } from './ledger.ts';
import { createMemoryBudget } from './memory-budget.ts';
import { createCredentialOpener } from './open-credential.ts';
import { createOpenCalls } from './open-calls.ts';
import type { Proxy, ProxyConfig } from './proxy.ts';
import { settle } from './settle.ts';

export interface RunningProxy {
  readonly handle: (request: Request) => Promise<Response>;
  readonly openCallCount: () => number;
  /** Settles what is still open by what was seen of it. For a process that is about to end. */
  readonly settleAll: () => Promise<unknown>;
}

export function createProxy(
  config: ProxyConfig,
  parts: { readonly database: Database; readonly box: SecretBox; readonly fetch: typeof fetch },
): RunningProxy {
  const ledger = createLedger(parts.database);
  const proxy: Proxy = {
    config,
    ledger,
    openCalls: createOpenCalls(ledger, config),
    openCredential: createCredentialOpener(parts.box),
    memory: createMemoryBudget(config.bodyMemoryBytes),
    fetch: parts.fetch,
  };
  return {
    handle: (request) => handleRequest(proxy, request),
    openCallCount: () => proxy.openCalls.all().length,
    settleAll: () =>
      Promise.all(
        proxy.openCalls.all().map((open) =>
          settle(proxy, open, {
            status: 'failed',
            httpStatus: null,
            errorCode: 'proxy_stopped',
            charge: open.tally.pieces > 0 || open.tally.rawUsage !== null ? 'seen' : 'input',
          }),
        ),
      ),
  };
}
