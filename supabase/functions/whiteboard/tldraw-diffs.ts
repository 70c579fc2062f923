import * as syncCore from '@tldraw/sync-core';

/** What changed within a record, field by field, as tldraw writes it. */
export type ObjectDiff = Readonly<Record<string, readonly unknown[]>>;

interface Internals {
  applyObjectDiff: <State extends object>(state: State, diff: ObjectDiff) => State;
  diffRecord: (before: object, after: object) => ObjectDiff | null;
}

/** Both are exported, but not declared: tldraw's own clients and servers apply diffs with them, and so do we. */
export const { applyObjectDiff, diffRecord } = asInternals(syncCore);

/** Guarantee: the version is pinned, and `judge-batch.test.ts` fails without them. */
function asInternals(exported: unknown): Internals {
  return exported as Internals;
}
