import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { after } from './deadlines.ts';

/** Ends attempts whose provider cannot be connected to, long before its first byte would be missed. */
export interface ConnectWatch {
  /** Calls `onTimeout` when the address lets nobody in within the time-out; not any more once cancelled by the function that is answered. */
  readonly watch: (url: string, onTimeout: (error: ConnectTimeout) => void) => () => void;
  /** Something came from this address: a status line, a piece of a body, or its end. */
  readonly noteAnswer: (url: string) => void;
}

/** No connection came about in time. */
export class ConnectTimeout extends Error {
  /** False where the request needed a new connection; one that was kept may have carried it before it went silent. */
  readonly mayHaveBeenSent: boolean;

  constructor(mayHaveBeenSent: boolean) {
    super('No connection came about in time.');
    this.mayHaveBeenSent = mayHaveBeenSent;
  }
}

/**
 * `fetch` does not tell when it has connected. So where a call waits and nothing has come from its address since it was
 * sent, a connection of our own finds out: one for all that wait, and none while answers come. A time-out of 0 watches nothing.
 */
export function createConnectWatch(
  timeoutMs: number,
  tryToConnect: TryToConnect = connectToAny,
): ConnectWatch {
  const graceMs = Math.min(timeoutMs / 2, maxGraceMs);
  const answeredAt = new Map<string, number>();
  const trials = new Map<string, RunningTrial>();
  const tryOnce = (url: string): RunningTrial => {
    const running = trials.get(url);
    if (running !== undefined) return running;
    const outcome = tryToConnect(url, timeoutMs - graceMs).finally(() => trials.delete(url));
    const trial = { startedAt: performance.now(), outcome };
    trials.set(url, trial);
    return trial;
  };
  const noteAnswer = (url: string): void => void answeredAt.set(url, performance.now());
  return {
    noteAnswer,
    watch(url, onTimeout) {
      if (timeoutMs === 0) return () => {};
      const sentAt = performance.now();
      let isOver = false;
      const lastAnswerAt = (): number => answeredAt.get(url) ?? -Infinity;
      const judge = async (): Promise<void> => {
        if (lastAnswerAt() >= sentAt) return;
        const trial = tryOnce(url);
        const outcome = await trial.outcome;
        if (outcome === 'connected') noteAnswer(url);
        if (isOver || outcome !== 'timeout' || lastAnswerAt() >= sentAt) return;
        // One that others had begun waited for less than this call's time; the next one cannot have been.
        if (trial.startedAt < sentAt) return judge();
        onTimeout(new ConnectTimeout(lastAnswerAt() > sentAt - keptConnectionMs));
      };
      const cancel = after(graceMs, () => void judge()); // a trial does not reject
      return () => {
        isOver = true;
        cancel();
      };
    },
  };
}

/** What fails at once says nothing: the request would have failed as well. */
type Trial = 'connected' | 'failed' | 'timeout';
interface RunningTrial {
  readonly startedAt: number;
  readonly outcome: Promise<Trial>;
}
export type TryToConnect = (url: string, timeoutMs: number) => Promise<Trial>;

const maxGraceMs = 2_000;
/** As long as `fetch` keeps a connection that nobody uses. */
const keptConnectionMs = 90_000;

/** Tries all addresses of the name at once, as one of them may be of a network that is not there. */
async function connectToAny(url: string, timeoutMs: number): Promise<Trial> {
  const { hostname, port, protocol } = new URL(url);
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(), timeoutMs);
  const timeout = new Promise<Trial>((resolve) => {
    end.signal.addEventListener('abort', () => resolve('timeout'));
  });
  const connected = lookup(hostname.replace(/^\[|\]$/g, ''), { all: true })
    .then((found) =>
      Promise.any(
        found.map(({ address }) =>
          connectTo(address, Number(port || (protocol === 'http:' ? 80 : 443)), end.signal),
        ),
      ),
    )
    .then(
      (): Trial => 'connected',
      (): Trial => (end.signal.aborted ? 'timeout' : 'failed'),
    );
  const trial = await Promise.race([connected, timeout]);
  clearTimeout(timer);
  // The connections that lost.
  end.abort();
  return trial;
}

function connectTo(address: string, port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // The name may have been looked up for too long; a listener that comes after that is never called.
    signal.throwIfAborted();
    const socket = connect(port, address, () => {
      socket.destroy();
      resolve();
    });
    socket.on('error', reject);
    signal.addEventListener('abort', () => {
      socket.destroy();
      reject(new Error('timeout'));
    });
  });
}
