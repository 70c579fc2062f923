import { createHash } from 'node:crypto';
import { AppError } from './errors.ts';

export interface Caller {
  readonly keyId: string;
  readonly keyHash: string;
}

/** The key that a request carries, as public id and hash; whether it is valid, only the ledger knows. */
export function identifyCaller(headers: Headers): Caller {
  const key = bearer(headers.get('authorization')) ?? headers.get('x-api-key')?.trim();
  if (key === undefined || key === '') throw new AppError('missing_proxy_key');
  const keyId = proxyKey.exec(key)?.[1];
  if (keyId === undefined) throw new AppError('invalid_proxy_key');
  return { keyId, keyHash: createHash('sha256').update(key).digest('hex') };
}

const proxyKey = /^khq_([A-Za-z0-9-]{1,64})_[A-Za-z0-9_-]{1,256}$/;

function bearer(authorization: string | null): string | undefined {
  return authorization === null ? undefined : /^bearer\s+(\S+)\s*$/i.exec(authorization)?.[1];
}
