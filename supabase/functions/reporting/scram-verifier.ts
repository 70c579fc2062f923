import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

const rounds = 4096;

/** What Postgres stores instead of a password, so that no statement carries the password itself (RFC 5802, 7677). */
export function scramVerifier(password: string): string {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const salted = pbkdf2Sync(password, salt, rounds, 32, 'sha256');
  const keyOf = (name: string) => createHmac('sha256', salted).update(name).digest();
  const storedKey = createHash('sha256').update(keyOf('Client Key')).digest('base64');
  const saltText = btoa(String.fromCharCode(...salt));
  return `SCRAM-SHA-256$${rounds}:${saltText}$${storedKey}:${keyOf('Server Key').toString('base64')}`;
}
