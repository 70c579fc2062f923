import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Secrets } from './secrets.ts';
import { signRoleKey, type GatewayKeys } from './verify-jwt.ts';

/** What hosted functions get, and nothing of the environment of whoever started this but what any program needs. */
export function functionEnvironment(options: {
  url: string;
  databaseUrl: string;
  denoDir: string;
  keys: GatewayKeys;
  secrets: Record<string, string>;
}): Record<string, string> {
  const { url, databaseUrl, denoDir, keys } = options;
  const inherited = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'SYSTEMROOT', 'SSL_CERT_FILE'].flatMap(
    (name): [string, string][] => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    },
  );
  return {
    ...Object.fromEntries(inherited),
    DENO_DIR: denoDir,
    DENO_NO_UPDATE_CHECK: '1',
    ...options.secrets,
    SUPABASE_URL: url,
    SUPABASE_DB_URL: databaseUrl,
    SUPABASE_ANON_KEY: keys.anonJwt,
    SUPABASE_SERVICE_ROLE_KEY: keys.serviceRoleJwt,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secretKey }),
    SUPABASE_JWKS: JSON.stringify({ keys: [] }),
  };
}

/** What the CLI reads, too, when it serves functions: supabase/functions/.env. */
export function readFunctionSecrets(supabaseDir: string): Record<string, string> {
  const file = join(supabaseDir, 'functions', '.env');
  if (!existsSync(file)) return {};
  const entries = Object.entries(parseEnv(readFileSync(file, 'utf8')));
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

export async function gatewayKeys({ publishableKey, secretKey, jwtSecret }: Secrets): Promise<GatewayKeys> {
  return {
    publishableKey,
    secretKey,
    jwtSecret,
    anonJwt: await signRoleKey('anon', jwtSecret),
    serviceRoleJwt: await signRoleKey('service_role', jwtSecret),
  };
}
