import { useSyncExternalStore } from 'react';
import type { TopicPhase } from './shared-topic.ts';

/** What the shell shows of the connection. */
export type LivePhase = 'live' | 'reconnecting' | 'offline';

/** One topic that waits makes what is shown old; without a network nothing else matters. */
export function livePhaseOf(isOnline: boolean, phases: Iterable<TopicPhase>): LivePhase {
  if (!isOnline) return 'offline';
  return [...phases].includes('reconnecting') ? 'reconnecting' : 'live';
}

const phases = new Map<string, TopicPhase>();
const listeners = new Set<() => void>();

/** A topic's phase, for the whole that is shown. */
export function noteTopicPhase(key: string, phase: TopicPhase): void {
  phases.set(key, phase);
  for (const each of listeners) each();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}

/** Whether what is on the screen moves by itself. */
export function useLivePhase(): LivePhase {
  return useSyncExternalStore(subscribe, () => livePhaseOf(navigator.onLine, phases.values()));
}
