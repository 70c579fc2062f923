import type { ProviderName } from './call.ts';
import type { CredentialOpener } from './open-credential.ts';
import type { Ledger } from './ledger.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { OpenCalls } from './open-calls.ts';
import type { Fetch } from './send-once.ts';
import type { Tracer } from './tracer.ts';
import type { ConnectWatch } from './watch-connect.ts';

/** What every call of one proxy process shares. Made once, by `create-proxy.ts`. */
export interface Proxy {
  readonly config: ProxyConfig;
  readonly ledger: Ledger;
  readonly openCalls: OpenCalls;
  readonly openCredential: CredentialOpener;
  readonly memory: MemoryBudget;
  readonly fetch: Fetch;
  readonly connectWatch: ConnectWatch;
  /** Null: nothing is traced. */
  readonly tracer: Tracer | null;
}

export interface ProxyConfig {
  readonly leaseSeconds: number;
  /** How long a connection to upstream may take; 0: as long as the first byte. */
  readonly connectTimeoutMs: number;
  /** How long upstream may take to its first byte, connecting included. */
  readonly firstByteTimeoutMs: number;
  /** How long upstream may be silent once it began. */
  readonly upstreamTimeoutMs: number;
  /** What large request bodies may take of memory at once. */
  readonly bodyMemoryBytes: number;
  /** Where the dashboard is, for links in refusals; null: none are given. */
  readonly appUrl: string | null;
  /** The operator's, never a tenant's; each as its provider's `url` expects it. */
  readonly baseUrls: Readonly<Record<ProviderName, string>>;
  /** Stands in for every provider, where a credential is the sandbox's. */
  readonly sandboxUrls: Readonly<Record<ProviderName, string>> | null;
}
