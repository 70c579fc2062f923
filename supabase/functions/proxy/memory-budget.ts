import { AppError } from '../_shared/errors.ts';

/** Bounds the bytes of large request bodies that are in memory at once; who finds no room waits in line. */
export interface MemoryBudget {
  /** Resolves with the function that gives the bytes back. Throws `overloaded` after too long a wait. */
  take: (bytes: number) => Promise<() => void>;
}

export function createMemoryBudget(totalBytes: number, maxWaitMs = 30_000): MemoryBudget {
  let free = totalBytes;
  const line: Waiting[] = [];

  const admit = (): void => {
    for (let first = line[0]; first !== undefined && first.bytes <= free; first = line[0]) {
      line.shift();
      clearTimeout(first.timer);
      first.enter(grant(first.bytes));
    }
  };
  const grant = (bytes: number): (() => void) => {
    free -= bytes;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      free += bytes;
      admit();
    };
  };
  return {
    take(bytes) {
      if (line.length === 0 && bytes <= free) return Promise.resolve(grant(bytes));
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          line.splice(line.indexOf(waiting), 1);
          reject(new AppError('overloaded'));
          admit();
        }, maxWaitMs);
        const waiting: Waiting = { bytes, enter: resolve, timer };
        line.push(waiting);
      });
    },
  };
}

interface Waiting {
  readonly bytes: number;
  readonly enter: (release: () => void) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}
