/** A version 7 UUID: random, but in order of time, so that ledger indexes grow at their end. */
export function createCallId(nowMs = Date.now()): string {
  const time = nowMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}
