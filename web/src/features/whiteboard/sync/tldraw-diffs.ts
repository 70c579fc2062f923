import * as syncCore from '@tldraw/sync-core';

export type BoardRecord = { readonly id: string; readonly typeName: string };

/** What changed within a record, field by field, as tldraw writes it. */
export type ObjectDiff = Readonly<Record<string, readonly unknown[]>>;

export type RecordOp = readonly ['put', BoardRecord] | readonly ['patch', ObjectDiff] | readonly ['remove'];

/** What changed on a board, by the ids of records. */
export type BoardDiff = Readonly<Record<string, RecordOp>>;

type Internals = {
  applyObjectDiff: <State extends object>(state: State, diff: ObjectDiff) => State;
  diffRecord: (before: object, after: object) => ObjectDiff | null;
};

/** Both are exported, but not declared: tldraw's own clients apply diffs with them, and so do we. */
export const { applyObjectDiff, diffRecord } = asInternals(syncCore);

/** Guarantee: the version is pinned, and `compose-diffs.test.ts` fails without them. */
function asInternals(exported: unknown): Internals {
  return exported as Internals;
}

/** What becomes of a record; undefined: it is not there. */
export function applyOp(before: BoardRecord | undefined, op: RecordOp): BoardRecord | undefined {
  if (op[0] === 'put') return op[1];
  if (op[0] === 'remove') return undefined;
  return before === undefined ? undefined : applyObjectDiff(before, op[1]);
}
