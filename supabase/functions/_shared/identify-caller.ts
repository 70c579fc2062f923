import { createHash } from 'node:crypto';
import { AppError } from './errors.ts';

export interface Caller {
  readonly keyId: string;
  readonly keyHash: string;
}

/**
 * The key that a request carries, as public id and hash; whether it is valid, only the ledger knows. Beside it, in the
 * other of the two headers, may stand what some other service takes.
 */
export function identifyCaller(headers: Headers): Caller {
  const sent = [bearer(headers.get('authorization')) ?? '', headers.get('x-api-key')?.trim() ?? ''];
  for (const key of sent) {
    const keyId = proxyKey.exec(key)?.[1];
    if (keyId !== undefined) return { keyId, keyHash: createHash('sha256').update(key).digest('hex') };
  }
  throw new AppError(sent.every((key) => key === '') ? 'missing_proxy_key' : 'invalid_proxy_key');
}

const proxyKey = /^khq_([A-Za-z0-9-]{1,64})_[A-Za-z0-9_-]{1,256}$/;

function bearer(authorization: string | null): string | undefined {
  return authorization === null ? undefined : /^bearer\s+(\S+)\s*$/i.exec(authorization)?.[1];
}
