/**
 * Reads what is left of a body that nobody wants, within a bound. A client that is still sending when the answer comes
 * would find its connection reset, and never see the answer.
 */
export async function discardBody(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const stop = (): void => void reader.cancel().catch(() => {});
  const timer = setTimeout(stop, maxMs);
  let length = 0;
  try {
    while (length < maxBytes) {
      const { done, value } = await reader.read();
      if (done) return;
      length += value.length;
    }
    stop();
  } catch {
    // The client has left, or stopped sending: there is nothing more to read.
  } finally {
    clearTimeout(timer);
  }
}

const maxBytes = 64 * 1024 * 1024;
const maxMs = 10_000;
