import { createHash, createHmac } from 'node:crypto';
import { type Db, unwrapNothing } from '../_shared/db.ts';
import type { EncryptionKeys } from '../_shared/secret-box.ts';

/** Answers a project's internal key, known to the ledger by its hash. */
export type OpenInternalKey = (db: Db, projectId: string) => Promise<string>;

/**
 * The key follows from the master key and the project, so it is stored nowhere and nobody can read it. Under another
 * master key it is another one, which takes the place of the former as when any key is rotated.
 */
export function createInternalKeys(keys: EncryptionKeys, keyId: string): OpenInternalKey {
  const master = keys.get(keyId);
  if (master === undefined) throw new Error(`No master key with the id "${keyId}" is configured.`);
  const derive = (purpose: string): string => createHmac('sha256', master).update(purpose).digest('hex');
  const registered = new Set<string>();
  return async (db, projectId) => {
    const publicId = `internal-${derive(`internal-key-id:${projectId}`).slice(0, 16)}`;
    const key = `khq_${publicId}_${derive(`internal-key:${projectId}`)}`;
    if (!registered.has(projectId)) {
      const hash = createHash('sha256').update(key).digest('hex');
      const named = { project_id: projectId, public_id: publicId, key_hash: hash };
      unwrapNothing(await db.rpc('register_internal_key', named));
      registered.add(projectId);
    }
    return key;
  };
}
