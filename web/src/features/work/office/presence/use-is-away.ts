import { useEffect, useState } from 'react';

/** Without a key, a touch or a look for so long one counts as away. */
const awayAfterMs = 300_000;
const signs = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;

export function useIsAway(): boolean {
  const [isAway, setAway] = useState(() => document.visibilityState === 'hidden');
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lastSignMs = 0;
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => setAway(true), awayAfterMs);
    };
    const sign = (): void => {
      // A pointer moves often.
      if (Date.now() - lastSignMs < 1_000) return;
      lastSignMs = Date.now();
      setAway(false);
      wait();
    };
    const look = (): void => {
      if (document.visibilityState === 'visible') sign();
      else setAway(true);
    };
    wait();
    for (const each of signs) window.addEventListener(each, sign, { passive: true });
    document.addEventListener('visibilitychange', look);
    return () => {
      clearTimeout(timer);
      for (const each of signs) window.removeEventListener(each, sign);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  return isAway;
}
