import { useSyncExternalStore } from 'react';
import { type Day, dayIn } from './dates.ts';

const secondMs = 1_000;
const quarterMs = 900_000;
const glanceMs = 15_000;

/** The beginning of the present quarter of an hour, in which every zone's days begin. */
export function useQuarter(): Date {
  return new Date(useSyncExternalStore(subscribe, presentQuarter));
}

export const useToday = (timeZone: string): Day => dayIn(timeZone, useQuarter());

/** Now, often enough for `5 min ago`; one clock for everyone who asks. */
export function useGlance(): Date {
  return new Date(useSyncExternalStore(subscribe, presentGlance));
}

/** Now, to the second: for what is counted up or down before one's eyes. */
export function useSecond(): Date {
  return new Date(useSyncExternalStore(subscribe, presentSecond));
}

const presentSecond = (): number => Math.floor(Date.now() / secondMs) * secondMs;

const presentQuarter = (): number => Math.floor(Date.now() / quarterMs) * quarterMs;

const presentGlance = (): number => Math.floor(Date.now() / glanceMs) * glanceMs;

const listeners = new Set<() => void>();
const clock: { timer?: ReturnType<typeof setInterval> } = {};

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  clock.timer ??= setInterval(() => {
    for (const each of listeners) each();
  }, secondMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(clock.timer);
    delete clock.timer;
  };
}
