import { Buffer } from 'node:buffer';
import { createHmac } from 'node:crypto';
import { isSameSecret } from '../_shared/secret-box.ts';

/** A signature that is older, or from further ahead, is not taken: it may be a replay. */
const toleranceSeconds = 300;

export interface SignedMessage {
  /** `webhook-id` */
  readonly id: string;
  /** `webhook-timestamp`, seconds */
  readonly timestamp: string;
  /** `webhook-signature`: `v1,<base64>`, several with spaces between while a secret is replaced */
  readonly signatures: string;
  readonly body: string;
}

/** Whether a message is signed as the Standard Webhooks specification says, and just now. */
export function verifyWebhook(secret: string, message: SignedMessage, now = new Date()): boolean {
  const age = now.getTime() / 1000 - Number(message.timestamp);
  if (message.id === '' || !/^\d+$/.test(message.timestamp) || Math.abs(age) > toleranceSeconds) return false;
  const expected = signWebhook(secret, message);
  return message.signatures.split(' ').some((signature) => isSameSecret(signature, expected));
}

/** `v1,<base64 of HMAC-SHA-256>` over id, timestamp and body. */
export function signWebhook(
  secret: string,
  { id, timestamp, body }: Omit<SignedMessage, 'signatures'>,
): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}
