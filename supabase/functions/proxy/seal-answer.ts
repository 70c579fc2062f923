import type { Bytes } from './call.ts';
import type { CallDigest } from './digest-call.ts';

/** Seals an answer for the response cache, in base64: the database cannot read it, nor can who asks anything else. */
export async function sealAnswer({ digest, key }: CallDigest, chunks: Bytes[]): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
  const answer = await new Blob(chunks).arrayBuffer();
  const sealed = await crypto.subtle.encrypt(algorithm(iv, digest), await importKey(key), answer);
  return toBase64([iv, new Uint8Array(sealed)]);
}

/** Throws where anything was altered, or it was sealed for another call. */
export async function openAnswer({ digest, key }: CallDigest, text: string): Promise<Bytes> {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const sealed = bytes.slice(ivBytes);
  const iv = bytes.slice(0, ivBytes);
  return new Uint8Array(await crypto.subtle.decrypt(algorithm(iv, digest), await importKey(key), sealed));
}

const ivBytes = 12;

const importKey = (key: Bytes): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']);

const algorithm = (iv: Bytes, digest: string) => ({
  name: 'AES-GCM',
  iv,
  additionalData: new TextEncoder().encode(digest),
});

/** Byte by byte: a whole answer has more of them than a function takes arguments. */
function toBase64(parts: readonly Uint8Array[]): string {
  let text = '';
  for (const part of parts) for (const byte of part) text += String.fromCharCode(byte);
  return btoa(text);
}
