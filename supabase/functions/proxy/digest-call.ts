import type { Bytes } from './call.ts';
import type { Target } from './choose-route.ts';
import type { ReadCall } from './read-call.ts';
import { spliceBytes } from './splice-bytes.ts';
import { spliceCall } from './splice-call.ts';

/** A call as the response cache knows it, by who answers: another attempt may ask another model. */
export type DigestCall = (target: Pick<Target, 'provider' | 'model'>) => Promise<CallDigest>;

/** Both are made of all that was asked, and neither tells the other. */
export interface CallDigest {
  /** What the answer is found by. */
  readonly digest: string;
  /** What it is sealed with, and kept nowhere: only who asks the same can open it. */
  readonly key: Bytes;
}

/**
 * Digests whose call it is, who answers, and all that was asked: what it is called here, its query, and every byte but
 * the model's name.
 */
export async function digestCall(
  bytes: Bytes,
  read: ReadCall,
  incoming: Headers,
  projectId: string,
): Promise<DigestCall> {
  const { call, members, isForm } = read;
  const unnamed = spliceBytes(bytes, spliceCall(bytes, members, { model: '', asksUsage: false, isForm }));
  const asked = [
    projectId,
    call.route.operation,
    call.query,
    ...changing.map((name) => incoming.get(name)),
    toHex(await sha256(unnamed)),
  ];
  return async ({ provider, model }) => {
    const all = JSON.stringify([provider.name, model, ...asked]);
    const [digest, key] = await Promise.all([
      digestText(`found by ${all}`),
      digestText(`sealed with ${all}`),
    ]);
    return { digest: toHex(digest), key };
  };
}

/** The client's own headers that change what a provider answers. */
const changing = ['anthropic-version', 'anthropic-beta', 'openai-beta'] as const;

const digestText = (text: string): Promise<Bytes> => sha256(new TextEncoder().encode(text));

async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

function toHex(bytes: Bytes): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
