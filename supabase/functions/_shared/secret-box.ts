import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** The buffer-backed byte array, spelled so that the compilers of Deno 2.1 and of today agree on it. */
type Bytes = ReturnType<typeof Uint8Array.of>;

/** Master keys by id. The environment carries them as JSON: `{"<key id>": "<base64 of 32 bytes>"}`. */
export const EncryptionKeys = z.string().transform((text, context): ReadonlyMap<string, Bytes> => {
  const keys = new Map<string, Bytes>();
  for (const [id, encoded] of Object.entries(parseObject(text))) {
    const key = typeof encoded === 'string' ? fromBase64(encoded) : null;
    if (!/^[A-Za-z0-9_-]+$/.test(id) || key?.length !== 32) {
      context.addIssue({ code: 'custom', message: `the key "${id}" is not base64 of 32 bytes` });
    } else keys.set(id, key);
  }
  if (keys.size === 0)
    context.addIssue({ code: 'custom', message: 'holds no key; want {"<id>": "<base64>"}' });
  return keys;
});
export type EncryptionKeys = z.infer<typeof EncryptionKeys>;

export interface SecretBox {
  /** Answers `v1:<key id>:<iv>:<ciphertext + tag>`; what is sealed for one owner opens for no other. */
  seal: (keyId: string, secret: string, owner: SecretOwner) => Promise<string>;
  /** Throws if the key is not here, or anything was altered, or it was sealed for another owner. */
  open: (sealed: string, owner: SecretOwner) => Promise<string>;
}

export interface SecretOwner {
  readonly organizationId: string;
  readonly credentialId: string;
}

/** AES-256-GCM by Web Crypto, bound to organization and credential by the additional data. */
export function createSecretBox(keys: EncryptionKeys): SecretBox {
  const imported = new Map<string, Promise<CryptoKey>>();
  const keyOf = (id: string): Promise<CryptoKey> => {
    const known = imported.get(id);
    if (known !== undefined) return known;
    const raw = keys.get(id);
    if (raw === undefined)
      return Promise.reject(new Error(`No master key with the id "${id}" is configured.`));
    const key = crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
    imported.set(id, key);
    return key;
  };
  return {
    async seal(keyId, secret, owner) {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const data = new TextEncoder().encode(secret);
      const sealed = await crypto.subtle.encrypt(algorithm(iv, owner), await keyOf(keyId), data);
      return `v1:${keyId}:${toBase64(iv)}:${toBase64(new Uint8Array(sealed))}`;
    },
    async open(sealed, owner) {
      const [version, keyId, iv, data, ...rest] = sealed.split(':');
      if (
        version !== 'v1' ||
        keyId === undefined ||
        iv === undefined ||
        data === undefined ||
        rest.length > 0
      ) {
        throw new Error('Not a sealed secret of version 1.');
      }
      const key = await keyOf(keyId);
      const opened = await crypto.subtle.decrypt(algorithm(fromBase64(iv), owner), key, fromBase64(data));
      return new TextDecoder().decode(opened);
    },
  };
}

/** Compares in a time that tells nothing of where two secrets differ. */
export function isSameSecret(sent: string, expected: string): boolean {
  const [a, b] = [sent, expected].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && expected !== '' && timingSafeEqual(a, b);
}

function algorithm(iv: Bytes, owner: SecretOwner) {
  const additionalData = new TextEncoder().encode(`${owner.organizationId}:${owner.credentialId}`);
  return { name: 'AES-GCM', iv, additionalData };
}

function toBase64(bytes: Bytes): string {
  return btoa(String.fromCharCode(...bytes));
}

function fromBase64(text: string): Bytes {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array(0);
  }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}
