import type { RecordsDiff } from '@tldraw/store';
import type { TLRecord, TLStore } from '@tldraw/tlschema';
import { diffRecord } from './tldraw-diffs.ts';

/**
 * Lets undo and redo touch only what their entry changed, and only where that still stands: what others made of the same
 * record meanwhile stays, and what they deleted stays deleted. tldraw's history would put whole records back.
 */
export function undoOwn(store: TLStore): void {
  const applyDiff = store.applyDiff.bind(store);
  store.applyDiff = (diff, options) => {
    // Only the history asks for this.
    const isHistory = options?.ignoreEphemeralKeys === true;
    applyDiff(isHistory ? ownChanges(store, diff) : diff, options);
  };
}

function ownChanges(store: TLStore, diff: RecordsDiff<TLRecord>): RecordsDiff<TLRecord> {
  const updated = { ...diff.updated };
  for (const id of keysOf(diff.updated)) {
    const change = diff.updated[id];
    if (change === undefined) continue;
    const [from, to] = change;
    if (!store.scopedTypes.document.has(to.typeName)) continue;
    const present = store.get(id);
    if (present === undefined) delete updated[id];
    else updated[id] = [present, transplant(present, from, to)];
  }
  return { ...diff, updated };
}

/** Where others change one thing beside another within one field. */
const shared = new Set(['props', 'meta']);

function transplant<State extends object>(present: State, from: State, to: State): State {
  const result = new Map<string, unknown>(Object.entries(present));
  const [before, after] = [
    new Map<string, unknown>(Object.entries(from)),
    new Map<string, unknown>(Object.entries(to)),
  ];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const was: unknown = before.get(key);
    const becomes: unknown = after.get(key);
    const is = result.get(key);
    if (isSame(was, becomes)) continue;
    if (shared.has(key) && isObject(was) && isObject(becomes) && isObject(is))
      result.set(key, transplant(is, was, becomes));
    else if (!isSame(is, was)) continue;
    else if (after.has(key)) result.set(key, becomes);
    else result.delete(key);
  }
  return asSameState(present, Object.fromEntries(result));
}

const isSame = (one: unknown, other: unknown): boolean =>
  diffRecord({ value: one }, { value: other }) === null;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Guarantee: an object's own keys are the keys of its type, where that is a record. */
function keysOf<Key extends string>(record: Record<Key, unknown>): Key[] {
  return Object.keys(record) as Key[];
}

/** Guarantee: fields of one state, at values that two others of its type had. */
function asSameState<State extends object>(_like: State, fields: object): State {
  return fields as State;
}
