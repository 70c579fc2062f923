import { expect, test } from 'vitest';
import { readEnv } from '../_shared/env.ts';
import { ProxyEnvironment, proxyConfigOf } from './proxy-environment.ts';

const required = {
  PROXY_DATABASE_URL: 'postgresql://proxy:pw@127.0.0.1:5432/postgres',
  ENCRYPTION_KEYS: JSON.stringify({ k: Buffer.alloc(32).toString('base64') }),
};

test('what is missing or wrong is named, all of it at once', () => {
  const source = {
    ENCRYPTION_KEYS: '{}',
    HOLD_LEASE_SECONDS: 'soon',
    OPENAI_BASE_URL: 'ftp://x',
    SANDBOX_URL: '',
  };
  expect(() => readEnv(ProxyEnvironment, source)).toThrowError(
    /PROXY_DATABASE_URL: not set[^]*ENCRYPTION_KEYS: [^]*HOLD_LEASE_SECONDS: [^]*OPENAI_BASE_URL: /,
  );
});

test("without more than the two that are required, the providers' own addresses stand", () => {
  expect(proxyConfigOf(readEnv(ProxyEnvironment, required))).toEqual({
    leaseSeconds: 60,
    connectTimeoutMs: 10_000,
    firstByteTimeoutMs: 140_000,
    upstreamTimeoutMs: 140_000,
    bodyMemoryBytes: 128 * 1024 * 1024,
    appUrl: null,
    baseUrls: {
      openai: 'https://api.openai.com/v1',
      anthropic: 'https://api.anthropic.com',
      moonshot: 'https://api.moonshot.ai/v1',
    },
    sandboxUrls: null,
  });
});

test('base URLs may have /v1 or not, and slashes behind', () => {
  const source = {
    ...required,
    OPENAI_BASE_URL: 'http://127.0.0.1:4010',
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:4010/v1/',
    MOONSHOT_BASE_URL: 'http://127.0.0.1:4010/kimi/v1/',
    SANDBOX_URL: 'http://127.0.0.1:4020/',
  };
  const { baseUrls, sandboxUrls } = proxyConfigOf(readEnv(ProxyEnvironment, source));
  expect(baseUrls).toEqual({
    openai: 'http://127.0.0.1:4010/v1',
    anthropic: 'http://127.0.0.1:4010',
    moonshot: 'http://127.0.0.1:4010/kimi/v1',
  });
  expect(sandboxUrls).toEqual({
    openai: 'http://127.0.0.1:4020/v1',
    anthropic: 'http://127.0.0.1:4020',
    moonshot: 'http://127.0.0.1:4020/v1',
  });
});

test('connections are not watched where an HTTP proxy makes them, unless told', () => {
  const timeoutOf = (source: Record<string, string>): number =>
    proxyConfigOf(readEnv(ProxyEnvironment, { ...required, ...source })).connectTimeoutMs;
  const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];
  for (const name of names) expect([name, timeoutOf({ [name]: 'http://proxy:3128' })]).toEqual([name, 0]);
  expect(timeoutOf({ HTTPS_PROXY: 'http://proxy:3128', UPSTREAM_CONNECT_TIMEOUT_SECONDS: '5' })).toBe(5000);
  expect(timeoutOf({ UPSTREAM_CONNECT_TIMEOUT_SECONDS: '0' })).toBe(0);
});
