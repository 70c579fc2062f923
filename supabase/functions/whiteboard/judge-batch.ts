import { z } from 'zod';
import type { PushBoard, RefusedRecord } from '../_shared/contracts/whiteboard.ts';
import { type BoardRecord, judgeRecord } from './judge-record.ts';
import { applyObjectDiff, diffRecord, type ObjectDiff } from './tldraw-diffs.ts';

/** A record as the board has it, and since when. */
export interface KnownRecord {
  readonly clock: number;
  readonly state: BoardRecord;
}

/** What a push makes of one record: `state` null removes it; `base` is the clock of what a patch was applied to. */
export interface Change {
  readonly id: string;
  readonly op: readonly [op: 'put' | 'patch' | 'remove', ...unknown[]];
  readonly state: BoardRecord | null;
  readonly base: number | null;
}

export interface Judgement {
  readonly changes: readonly Change[];
  readonly refused: readonly RefusedRecord[];
}

/** What has become of a record so far; `isReplaced`: by a put, whatever it was before. */
type Draft = { state: BoardRecord | null; isReplaced: boolean };

/** Which records have to be known before a batch can be judged: those that it patches before it puts them. */
export function patchedRecords({ diffs }: Pick<PushBoard, 'diffs'>): string[] {
  const first = new Map<string, string>();
  for (const diff of diffs) {
    for (const [id, [op]] of Object.entries(diff)) if (!first.has(id)) first.set(id, op);
  }
  return [...first].flatMap(([id, op]) => (op === 'patch' ? [id] : []));
}

/**
 * What a batch changes, each record once: its diffs are applied one after the other to what is known. A record that would
 * not be one of tldraw's is refused by name; a patch of one that is not there, and a change of type, are dropped.
 */
export function judgeBatch(
  { diffs }: Pick<PushBoard, 'diffs'>,
  known: ReadonlyMap<string, KnownRecord>,
): Judgement {
  const drafts = new Map<string, Draft>();
  const refused = new Map<string, RefusedRecord>();
  for (const diff of diffs) {
    for (const [id, op] of Object.entries(diff)) {
      if (refused.has(id)) continue;
      const before = drafts.get(id) ?? { state: known.get(id)?.state ?? null, isReplaced: false };
      const after = applyOp(before, op);
      const code = after.state === null || after === before ? null : judgeRecord(id, after.state);
      if (code === null) drafts.set(id, after);
      else refused.set(id, { id, code });
    }
  }
  const changes = [...drafts].flatMap(([id, draft]) =>
    refused.has(id) ? [] : toChange(id, draft, known.get(id)),
  );
  return { changes, refused: [...refused.values()] };
}

function applyOp(before: Draft, [op, value]: PushBoard['diffs'][number][string]): Draft {
  if (op === 'remove') return { state: null, isReplaced: true };
  if (op === 'put') return { state: asRecord(value), isReplaced: true };
  if (before.state === null) return before;
  const patched = asRecord(applyObjectDiff(before.state, cleanDiff(value)));
  const isOther = patched.typeName !== before.state.typeName || patched['type'] !== before.state['type'];
  return isOther ? before : { ...before, state: patched };
}

function toChange(id: string, draft: Draft, known: KnownRecord | undefined): Change[] {
  const { state, isReplaced } = draft;
  if (state === null) return isReplaced ? [{ id, op: ['remove'], state: null, base: null }] : [];
  if (isReplaced || known === undefined) return [{ id, op: ['put', state], state, base: null }];
  const diff = diffRecord(known.state, state);
  return diff === null ? [] : [{ id, op: ['patch', diff], state, base: known.clock }];
}

const depthOfDiff = 12;
const ValueOp = z.tuple([z.enum(['put', 'patch', 'append', 'delete'])]).rest(z.unknown());

/** Only operations, keyed by fields none of which reaches a prototype. */
function cleanDiff(value: unknown, depth = 0): ObjectDiff {
  if (typeof value !== 'object' || value === null || depth > depthOfDiff) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, op]: [string, unknown]): [string, readonly unknown[]][] => {
      const parsed = ValueOp.safeParse(op).data;
      if (key === '__proto__' || parsed === undefined) return [];
      const [name, inner] = parsed;
      return [[key, name === 'patch' ? [name, cleanDiff(inner, depth + 1)] : parsed]];
    }),
  );
}

/** Guarantee: none, but that `judgeRecord` sees it before anything is done with it. */
function asRecord(value: unknown): BoardRecord {
  return (typeof value === 'object' && value !== null ? value : {}) as BoardRecord;
}
