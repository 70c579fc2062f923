import { createSecretBox, EncryptionKeys } from '../../_shared/secret-box.ts';
import { createProxy, type RunningProxy } from '../create-proxy.ts';
import type { Admitted } from '../ledger.ts';
import type { ProxyConfig } from '../proxy.ts';
import { admission, createFakeDatabase, type FakeDatabase, owner } from './fake-database.ts';
import type { Tracer } from '../tracer.ts';
import type { TryToConnect } from '../watch-connect.ts';
import { createFakeUpstream, type FakeUpstream } from './fake-upstream.ts';

/** A whole proxy, between a fake ledger and a fake upstream. */
export interface TestProxy {
  readonly proxy: RunningProxy;
  readonly database: FakeDatabase;
  readonly upstream: FakeUpstream;
  /** Admits calls with these facts instead of the usual ones. */
  readonly admit: (fields: Partial<Admitted>) => void;
  readonly post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Response>;
}

export async function createTestProxy(
  changes: Partial<ProxyConfig> = {},
  { tracer, ...parts }: { readonly tracer?: Tracer; readonly tryToConnect?: TryToConnect } = {},
): Promise<TestProxy> {
  const keys = EncryptionKeys.parse(JSON.stringify({ k: btoa('0123456789abcdef0123456789abcdef') }));
  const box = createSecretBox(keys);
  const ciphertext = await box.seal('k', 'sk-real', owner);
  const database = createFakeDatabase(ciphertext);
  const upstream = createFakeUpstream();
  const proxy = createProxy(
    { ...config, ...changes },
    {
      database,
      box,
      fetch: upstream.fetch,
      tracer: tracer ?? null,
      ...parts,
    },
  );
  return {
    proxy,
    database,
    upstream,
    admit(fields) {
      database.onReserve = () => ({ ...admission(ciphertext), ...fields });
    },
    post(path, body, headers = {}) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const length = String(new TextEncoder().encode(text).length);
      const all = { authorization: 'Bearer khq_abc_secret', 'content-length': length, ...headers };
      return proxy.handle(new Request(`http://proxy${path}`, { method: 'POST', body: text, headers: all }));
    },
  };
}

const config: ProxyConfig = {
  leaseSeconds: 60,
  connectTimeoutMs: 0,
  firstByteTimeoutMs: 60_000,
  upstreamTimeoutMs: 60_000,
  bodyMemoryBytes: 1024 * 1024,
  appUrl: 'http://app',
  baseUrls: { openai: 'http://openai/v1', anthropic: 'http://anthropic', moonshot: 'http://moonshot/v1' },
  sandboxUrls: { openai: 'http://sandbox/v1', anthropic: 'http://sandbox', moonshot: 'http://sandbox/v1' },
};
