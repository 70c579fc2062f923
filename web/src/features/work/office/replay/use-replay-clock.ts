import { useCallback, useEffect, useRef, useState } from 'react';

export const speeds = [
  { value: '60', label: '1 min/s' },
  { value: '600', label: '10 min/s' },
  { value: '3600', label: '1 h/s' },
] as const;

/** How often the page around the figures follows while it plays. */
const drawMs = 100;

export type ReplayClock = {
  /** What the figures are moved by. */
  clock: () => number;
  /** What is shown in numbers. */
  atMs: number;
  isPlaying: boolean;
  speed: number;
  setSpeed: (speed: number) => void;
  toggle: () => void;
  seek: (atMs: number) => void;
};

/** A clock of a past stretch that runs faster than time did; it stands in a hidden tab and at the end. */
export function useReplayClock(startMs: number, fromMs: number, toMs: number): ReplayClock {
  const [speed, setSpeed] = useState(600);
  const [isPlaying, setPlaying] = useState(false);
  const [atMs, setAtMs] = useState(startMs);
  // Read between two drawings; set by whoever seeks, plays or changes the speed.
  const base = useRef({ atMs: startMs, sinceMs: 0 });
  const clock = useCallback(() => {
    const { atMs: start, sinceMs } = base.current;
    return isPlaying ? Math.min(start + (performance.now() - sinceMs) * speed, toMs) : start;
  }, [isPlaying, speed, toMs]);
  const restart = useCallback((from: number) => {
    base.current = { atMs: from, sinceMs: performance.now() };
    setAtMs(from);
  }, []);
  useEffect(() => {
    if (!isPlaying) return undefined;
    const timer = setInterval(() => {
      const now = clock();
      setAtMs(now);
      if (now < toMs) return;
      restart(toMs);
      setPlaying(false);
    }, drawMs);
    const look = (): void => {
      if (document.visibilityState === 'visible') return;
      restart(clock());
      setPlaying(false);
    };
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [isPlaying, clock, toMs, restart]);
  return {
    clock,
    atMs,
    isPlaying,
    speed,
    setSpeed: (value) => {
      restart(clock());
      setSpeed(value);
    },
    toggle: () => {
      restart(clock() >= toMs ? fromMs : clock());
      setPlaying(!isPlaying);
    },
    seek: restart,
  };
}
