export type RateCounter = {
  /** Counts so many events, all or none. @returns whether there was room for them */
  take: (count?: number) => boolean;
};

/** Admits `perSecond` events on the average of a minute, as hosted Realtime counts, so that bursts pass. */
export function createRateCounter(perSecond: number, now: () => number = Date.now): RateCounter {
  const seconds = new Uint32Array(WINDOW_SECONDS);
  let current = Math.floor(now() / 1000);
  let sum = 0;
  const forget = (): void => {
    const second = Math.floor(now() / 1000);
    const passed = Math.min(Math.max(second - current, 0), WINDOW_SECONDS);
    for (let step = 1; step <= passed; step++) {
      const slot = (current + step) % WINDOW_SECONDS;
      sum -= seconds[slot] ?? 0;
      seconds[slot] = 0;
    }
    current = Math.max(current, second);
  };
  return {
    take: (count = 1) => {
      forget();
      if (sum + count > perSecond * WINDOW_SECONDS) return false;
      const slot = current % WINDOW_SECONDS;
      seconds[slot] = (seconds[slot] ?? 0) + count;
      sum += count;
      return true;
    },
  };
}

const WINDOW_SECONDS = 60;
