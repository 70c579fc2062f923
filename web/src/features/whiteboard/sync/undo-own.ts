import type { RecordsDiff } from '@tldraw/store';
import type { TLRecord, TLStore } from '@tldraw/tlschema';
import { diffRecord } from './tldraw-diffs.ts';

/** What this tab gave each field last, by record: `x`, `props.color`. */
type OwnValues = Map<string, Map<string, unknown>>;

/**
 * Lets undo and redo touch only what this tab wrote, and only where that still stands: what others made of the same
 * record meanwhile stays, and what they deleted stays deleted. tldraw's history would put whole records back.
 */
export function undoOwn(store: TLStore): void {
  const own: OwnValues = new Map();
  for (const type of store.scopedTypes.document) {
    store.sideEffects.registerAfterChangeHandler(type, (before, after, source) => {
      if (source === 'user') noteFields(own, after.id, before, after);
    });
    store.sideEffects.registerAfterDeleteHandler(type, ({ id }) => void own.delete(id));
  }
  const applyDiff = store.applyDiff.bind(store);
  store.applyDiff = (diff, options) => {
    // Only the history asks for this.
    const isHistory = options?.ignoreEphemeralKeys === true;
    applyDiff(isHistory ? ownChanges(store, own, diff) : diff, options);
  };
}

/** Where one thing changes beside another within one field. */
const shared = new Set(['props', 'meta']);

function noteFields(own: OwnValues, id: string, before: object, after: object): void {
  const values = own.get(id) ?? new Map<string, unknown>();
  own.set(id, values);
  for (const [field, was, becomes] of listChanges(before, after))
    if (was !== becomes) values.set(field, becomes);
}

function ownChanges(store: TLStore, own: OwnValues, diff: RecordsDiff<TLRecord>): RecordsDiff<TLRecord> {
  const updated = { ...diff.updated };
  for (const id of keysOf(diff.updated)) {
    const change = diff.updated[id];
    if (change === undefined) continue;
    const [from, to] = change;
    if (!store.scopedTypes.document.has(to.typeName)) continue;
    const present = store.get(id);
    if (present === undefined) delete updated[id];
    else updated[id] = [present, revert(present, listChanges(from, to), own.get(id))];
  }
  return { ...diff, updated };
}

type FieldChange = readonly [field: string, was: unknown, becomes: unknown];

/** Field by field what differs; undefined: there is no such field. */
function listChanges(from: object, to: object, prefix = ''): FieldChange[] {
  const [before, after] = [
    new Map<string, unknown>(Object.entries(from)),
    new Map<string, unknown>(Object.entries(to)),
  ];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key): FieldChange[] => {
    const was = before.get(key);
    const becomes = after.get(key);
    if (isSame(was, becomes)) return [];
    return prefix === '' && shared.has(key) && isObject(was) && isObject(becomes)
      ? listChanges(was, becomes, `${key}.`)
      : [[prefix + key, was, becomes]];
  });
}

function revert(
  present: TLRecord,
  changes: readonly FieldChange[],
  own: ReadonlyMap<string, unknown> | undefined,
): TLRecord {
  const fields = new Map<string, unknown>(Object.entries(present));
  for (const [field, was, becomes] of changes) {
    const [outer = field, inner] = field.split('.', 2);
    const holder =
      inner === undefined ? fields : new Map<string, unknown>(Object.entries(fields.get(outer) ?? {}));
    const is = holder.get(inner ?? outer);
    if (!isSame(is, was) || own?.has(field) !== true || !isSame(is, own.get(field))) continue;
    if (becomes === undefined) holder.delete(inner ?? outer);
    else holder.set(inner ?? outer, becomes);
    if (inner !== undefined) fields.set(outer, Object.fromEntries(holder));
  }
  return asSameState(present, Object.fromEntries(fields));
}

const isSame = (one: unknown, other: unknown): boolean =>
  one === other || diffRecord({ value: one }, { value: other }) === null;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Guarantee: an object's own keys are the keys of its type, where that is a record. */
function keysOf<Key extends string>(record: Record<Key, unknown>): Key[] {
  return Object.keys(record) as Key[];
}

/** Guarantee: fields of one state, at values that two others of its type had. */
function asSameState<State extends object>(_like: State, fields: object): State {
  return fields as State;
}
