import type { Bytes } from './call.ts';
import type { Target } from './choose-route.ts';
import type { ReadCall } from './read-call.ts';
import { spliceBytes } from './splice-bytes.ts';
import { spliceCall } from './splice-call.ts';

/** A call as the response cache knows it, by who answers: another attempt may ask another model. */
export type DigestCall = (target: Pick<Target, 'provider' | 'model'>) => Promise<string>;

/** SHA-256 over who answers and all that was asked: what it is called here, its query, and every byte but the model's name. */
export async function digestCall(bytes: Bytes, read: ReadCall, incoming: Headers): Promise<DigestCall> {
  const { call, members, isForm } = read;
  const unnamed = spliceBytes(bytes, spliceCall(bytes, members, { model: '', asksUsage: false, isForm }));
  const asked = [
    call.route.operation,
    call.query,
    ...changing.map((name) => incoming.get(name)),
    await sha256(unnamed),
  ];
  return ({ provider, model }) =>
    sha256(new TextEncoder().encode(JSON.stringify([provider.name, model, ...asked])));
}

/** The client's own headers that change what a provider answers. */
const changing = ['anthropic-version', 'anthropic-beta', 'openai-beta'] as const;

async function sha256(bytes: Bytes): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
