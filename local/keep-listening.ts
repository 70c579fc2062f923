import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';

export type Listening = { stop: () => Promise<void> };

/**
 * Hears what is notified on a channel, through a connection of its own that is made anew whenever it ends. The driver's
 * own `listen` may stay away after the database was killed. `onListening` is called each time: what was notified in
 * between is lost. Answers once it listens.
 */
export async function keepListening(
  url: string,
  channel: string,
  { onNotify, onListening }: { onNotify: (payload: string) => void; onListening: () => void },
): Promise<Listening> {
  const stopping = new AbortController();
  const first = Promise.withResolvers<void>();
  const keep = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await listenOnce(url, channel, stopping.signal, onNotify, () => {
        onListening();
        first.resolve();
      });
      await sleep(PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const kept = keep();
  await first.promise;
  return {
    stop: async () => {
      stopping.abort();
      await kept;
    },
  };
}

/** Until the connection ends, or was never made. */
async function listenOnce(
  url: string,
  channel: string,
  stopping: AbortSignal,
  onNotify: (payload: string) => void,
  onListening: () => void,
): Promise<void> {
  const ended = Promise.withResolvers<void>();
  // An option that the driver has and its types do not.
  const notified: object = { onnotify: (_: string, payload: string) => onNotify(payload) };
  const sql = postgres(url, {
    max: 1,
    idle_timeout: 0,
    // Made anew by whoever calls, not by the driver.
    max_lifetime: null,
    connect_timeout: CONNECT_SECONDS,
    fetch_types: false,
    onnotice: () => {},
    onclose: () => ended.resolve(),
    ...notified,
  });
  const stop = (): void => ended.resolve();
  stopping.addEventListener('abort', stop);
  try {
    const listening = sql`listen ${sql(channel)}`.then(() => true);
    if (await Promise.race([listening, ended.promise.then(() => false)])) onListening();
    await ended.promise;
  } catch {
    // Tried again.
  } finally {
    stopping.removeEventListener('abort', stop);
    await sql.end({ timeout: 0 });
  }
}

const PAUSE_MS = 200;
const CONNECT_SECONDS = 5;
