import { z } from 'zod';
import { providerUrls } from '../_shared/provider-urls.ts';
import { EncryptionKeys } from '../_shared/secret-box.ts';
import type { ProxyConfig } from './proxy.ts';
import type { TracerConfig } from './tracer.ts';

/** The proxy's environment; `.env.example` tells each variable's meaning. */
export const ProxyEnvironment = z.object({
  PROXY_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'wants postgres://…' }),
  ENCRYPTION_KEYS: EncryptionKeys,
  HOLD_LEASE_SECONDS: z.coerce.number().min(1).max(3600).default(60),
  UPSTREAM_TIMEOUT_SECONDS: z.coerce.number().positive().max(3600).default(140),
  UPSTREAM_CONNECT_TIMEOUT_SECONDS: z.coerce.number().min(0).max(3600).optional(),
  // Deno's fetch goes through them; a connection of our own would not.
  HTTPS_PROXY: z.string().optional(),
  HTTP_PROXY: z.string().optional(),
  ALL_PROXY: z.string().optional(),
  https_proxy: z.string().optional(),
  http_proxy: z.string().optional(),
  all_proxy: z.string().optional(),
  UPSTREAM_FIRST_BYTE_TIMEOUT_SECONDS: z.coerce.number().positive().max(3600).optional(),
  BODY_MEMORY_MB: z.coerce.number().min(32).default(128),
  APP_URL: z
    .url()
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url()
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  OTEL_EXPORTER_OTLP_HEADERS: z.string().default(''),
  OTEL_SERVICE_NAME: z.string().default('kreative-hq-proxy'),
  ...providerUrls,
});
export type ProxyEnvironment = z.infer<typeof ProxyEnvironment>;

export function proxyConfigOf(environment: ProxyEnvironment): ProxyConfig {
  const { SANDBOX_URL: sandbox } = environment;
  return {
    leaseSeconds: environment.HOLD_LEASE_SECONDS,
    connectTimeoutMs:
      (environment.UPSTREAM_CONNECT_TIMEOUT_SECONDS ?? (hasHttpProxy(environment) ? 0 : 10)) * 1000,
    firstByteTimeoutMs:
      (environment.UPSTREAM_FIRST_BYTE_TIMEOUT_SECONDS ?? environment.UPSTREAM_TIMEOUT_SECONDS) * 1000,
    upstreamTimeoutMs: environment.UPSTREAM_TIMEOUT_SECONDS * 1000,
    bodyMemoryBytes: environment.BODY_MEMORY_MB * 1024 * 1024,
    appUrl: environment.APP_URL ?? null,
    baseUrls: {
      openai: environment.OPENAI_BASE_URL,
      anthropic: environment.ANTHROPIC_BASE_URL,
      moonshot: environment.MOONSHOT_BASE_URL,
    },
    sandboxUrls: sandbox === undefined ? null : sandboxUrlsOf(sandbox.replace(/\/v1$/, '')),
  };
}

function hasHttpProxy(environment: ProxyEnvironment): boolean {
  const { HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, https_proxy, http_proxy, all_proxy } = environment;
  return [HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, https_proxy, http_proxy, all_proxy].some(
    (url) => url !== undefined,
  );
}

/** Null where no collector is configured. */
export function tracerConfigOf(environment: ProxyEnvironment): TracerConfig | null {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers } = environment;
  if (endpoint === undefined) return null;
  const pairs = headers.split(',').flatMap((pair): [string, string][] => {
    const [, name, value] = /^\s*([^=\s]+)\s*=(.*)$/.exec(pair) ?? [];
    return name === undefined || value === undefined ? [] : [[name, decodeURIComponent(value.trim())]];
  });
  return { endpoint, headers: Object.fromEntries(pairs), serviceName: environment.OTEL_SERVICE_NAME };
}

/** The sandbox speaks all dialects below one address. */
function sandboxUrlsOf(url: string): ProxyConfig['baseUrls'] {
  return { openai: `${url}/v1`, anthropic: url, moonshot: `${url}/v1` };
}
