import { useSyncExternalStore } from 'react';
import { z } from 'zod';
import type { Present } from '@/lib/live/open-channel.ts';
import type { Vector } from '../life/travel.ts';

/** What a tab says of itself. */
const Here = z.object({
  user_id: z.string(),
  page: z.string().max(60),
  is_away: z.boolean(),
  /** Whether it shows the office itself, where one walks about. */
  is_in_office: z.boolean(),
});
type Here = z.infer<typeof Here>;

export type PersonHere = { userId: string; page: string; isAway: boolean; isInOffice: boolean };

const Move = z.object({
  user_id: z.string(),
  x: z.number().min(0).max(1000),
  y: z.number().min(0).max(1000),
  vx: z.number().min(-400).max(400),
  vy: z.number().min(-400).max(400),
  at: z.number(),
});

/**
 * Who is here, as their tabs say. The shell fills it on every page; the office shows it. Where people walk is kept beside
 * it, since it changes too often to draw the page anew.
 */
const state: { here: readonly PersonHere[]; tabs: number; vectors: Map<string, Vector> } = {
  here: [],
  tabs: 0,
  vectors: new Map(),
};
const listeners = new Set<() => void>();
const moveListeners = new Set<() => void>();
const newcomerListeners = new Set<() => void>();

export function useEveryoneHere(): readonly PersonHere[] {
  return useSyncExternalStore(subscribe, () => state.here);
}

/** Answers whether all others are gone at once. */
export function notePresent(present: readonly Present[]): { isLeftAlone: boolean } {
  const tabs = present.flatMap(({ meta }) => Here.safeParse(meta).data ?? []);
  const before = state.tabs;
  state.tabs = tabs.length;
  state.here = mergeTabs(tabs);
  for (const listener of listeners) listener();
  if (tabs.length > before) for (const listener of newcomerListeners) listener();
  return { isLeftAlone: tabs.length <= 1 && before > 1 };
}

/** Answers whether it was one. */
export function noteMove(payload: unknown): boolean {
  const move = Move.safeParse(payload).data;
  if (!move) return false;
  const { user_id: userId, at: atMs, ...rest } = move;
  setVector(userId, { ...rest, atMs });
  return true;
}

export function setVector(userId: string, vector: Vector): void {
  state.vectors.set(userId, vector);
  for (const listener of moveListeners) listener();
}

export const vectorOf = (userId: string): Vector | undefined => state.vectors.get(userId);

export function onMoves(listener: () => void): () => void {
  moveListeners.add(listener);
  return () => moveListeners.delete(listener);
}

/** Called when a tab came that knows nothing of anyone's whereabouts yet. */
export function onNewcomers(listener: () => void): () => void {
  newcomerListeners.add(listener);
  return () => newcomerListeners.delete(listener);
}

export function forgetEveryone(): void {
  state.vectors = new Map();
  notePresent([]);
}

/** One person in several tabs is where they are active; of several such, in the office. */
export function mergeTabs(tabs: readonly Here[]): PersonHere[] {
  const people = new Map<string, PersonHere>();
  for (const { user_id: userId, page, is_away: isAway, is_in_office: isInOffice } of tabs) {
    const known = people.get(userId);
    const tab = { userId, page, isAway, isInOffice };
    if (!known || rank(tab) > rank(known)) people.set(userId, tab);
  }
  return [...people.values()];
}

const rank = ({ isAway, isInOffice }: PersonHere): number => (isAway ? 0 : 2) + (isInOffice ? 1 : 0);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
