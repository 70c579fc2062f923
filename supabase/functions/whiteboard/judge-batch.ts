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

/** What all records of a push have together each time that they change: more than all of a full board once. */
const maxJudgedLength = 64 * 1024 * 1024;

/**
 * What a batch changes, each record once: its diffs are applied one after the other to what is known. A record that would
 * not be one of tldraw's is refused by name, and so is what is still to be judged when the push has taken too much; a
 * patch of one that is not there, and a change of type, are dropped.
 */
export function judgeBatch(
  { diffs }: Pick<PushBoard, 'diffs'>,
  known: ReadonlyMap<string, KnownRecord>,
): Judgement {
  const drafts = new Map<string, Draft>();
  const refused = new Map<string, RefusedRecord>();
  let judged = 0;
  for (const diff of diffs) {
    for (const [id, op] of Object.entries(diff)) {
      if (refused.has(id)) continue;
      const before = drafts.get(id) ?? { state: known.get(id)?.state ?? null, isReplaced: false };
      if (judged > maxJudgedLength && op[0] !== 'remove') {
        refused.set(id, { id, code: 'too_much_at_once' });
        continue;
      }
      const after = applyOp(before, op);
      const { fault, length } = after.state === null ? nothing : judgeRecord(id, after.state);
      judged += length;
      if (fault === null) drafts.set(id, after);
      else refused.set(id, { id, code: fault });
    }
  }
  const changes = [...drafts].flatMap(([id, draft]) =>
    refused.has(id) ? [] : toChange(id, draft, known.get(id)),
  );
  return { changes, refused: [...refused.values()] };
}

const nothing = { fault: null, length: 0 } as const;

function applyOp(before: Draft, [op, value]: PushBoard['diffs'][number][string]): Draft {
  if (op === 'remove') return { state: null, isReplaced: true };
  if (op === 'put') return { state: asRecord(value), isReplaced: true };
  if (before.state === null) return before;
  const patched = asRecord(applyObjectDiff(before.state, cleanDiff(value, before.state)));
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

/** Only operations, keyed by fields none of which reaches a prototype, or a place that a list does not have. */
function cleanDiff(value: unknown, target: unknown, depth = 0): ObjectDiff {
  if (typeof value !== 'object' || value === null || depth > depthOfDiff) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, op]: [string, unknown]): [string, readonly unknown[]][] => {
      const parsed = ValueOp.safeParse(op).data;
      if (key === '__proto__' || parsed === undefined) return [];
      // A place far behind its end would make a list of nothing that is longer than the memory.
      if (Array.isArray(target) && !(key in target)) return [];
      const [name, inner] = parsed;
      const field: unknown = typeof target === 'object' && target !== null ? Reflect.get(target, key) : null;
      return [[key, name === 'patch' ? [name, cleanDiff(inner, field, depth + 1)] : parsed]];
    }),
  );
}

/** Guarantee: none, but that `judgeRecord` sees it before anything is done with it. */
function asRecord(value: unknown): BoardRecord {
  return (typeof value === 'object' && value !== null ? value : {}) as BoardRecord;
}
