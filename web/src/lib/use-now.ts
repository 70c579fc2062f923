import { useSyncExternalStore } from 'react';
import { type Day, dayIn } from './dates.ts';

const quarterMs = 900_000;

/** The beginning of the present quarter of an hour, in which every zone's days begin. */
export function useQuarter(): Date {
  return new Date(useSyncExternalStore(subscribe, presentQuarter));
}

export const useToday = (timeZone: string): Day => dayIn(timeZone, useQuarter());

const presentQuarter = (): number => Math.floor(Date.now() / quarterMs) * quarterMs;

function subscribe(onChange: () => void): () => void {
  const timer = setInterval(onChange, 1_000);
  return () => clearInterval(timer);
}
