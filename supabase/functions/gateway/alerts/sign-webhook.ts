import { Buffer } from 'node:buffer';
import { createHmac, randomBytes } from 'node:crypto';

/** A signing secret as Standard Webhooks writes it: 256 random bits in base64 behind `whsec_`. */
export function makeWebhookSecret(): string {
  return `${prefix}${randomBytes(32).toString('base64')}`;
}

const prefix = 'whsec_';

/**
 * The headers of Standard Webhooks: the id is the same at every attempt, so that a receiver counts it once; the time is
 * this attempt's; the signature is HMAC-SHA256 over id, time in seconds and body.
 */
export function signWebhook(
  secret: string,
  { id, at, body }: { id: string; at: Date; body: string },
): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const key = Buffer.from(secret.slice(prefix.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
