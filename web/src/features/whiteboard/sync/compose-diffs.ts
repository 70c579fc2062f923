import { applyObjectDiff, type BoardDiff, type ObjectDiff, type RecordOp } from './tldraw-diffs.ts';

/** One diff that does what both do one after the other, or null where none can say it. */
export function composeDiffs(first: BoardDiff, second: BoardDiff): BoardDiff | null {
  const composed: Record<string, RecordOp> = { ...first };
  for (const [id, op] of Object.entries(second)) {
    const both = composeOps(composed[id], op);
    if (both === null) return null;
    composed[id] = both;
  }
  return composed;
}

function composeOps(first: RecordOp | undefined, second: RecordOp): RecordOp | null {
  if (first === undefined || second[0] !== 'patch') return second;
  // What was removed has nothing left to patch.
  if (first[0] === 'remove') return first;
  if (first[0] === 'put') return ['put', applyObjectDiff(first[1], second[1])];
  const diff = composeObjectDiffs(first[1], second[1]);
  return diff === null ? null : ['patch', diff];
}

function composeObjectDiffs(first: ObjectDiff, second: ObjectDiff): ObjectDiff | null {
  const composed: Record<string, readonly unknown[]> = { ...first };
  for (const [key, op] of Object.entries(second)) {
    const both = composeValueOps(composed[key], op);
    if (both === null) return null;
    composed[key] = both;
  }
  return composed;
}

function composeValueOps(
  first: readonly unknown[] | undefined,
  second: readonly unknown[],
): readonly unknown[] | null {
  const [firstName, firstValue, firstOffset] = first ?? [];
  const [name, value, offset] = second;
  if (first === undefined || name === 'put' || name === 'delete') return second;
  if (firstName === 'delete') return first;
  if (firstName === 'put') {
    const holder: Record<string, unknown> = applyObjectDiff({ held: firstValue }, { held: second });
    return ['put', holder['held']];
  }
  if (firstName === 'patch' && name === 'patch' && isObjectDiff(firstValue) && isObjectDiff(value)) {
    const diff = composeObjectDiffs(firstValue, value);
    return diff === null ? null : ['patch', diff];
  }
  if (firstName === 'append' && name === 'append' && typeof firstOffset === 'number') {
    const joined = joinEnds(firstValue, value, firstOffset, offset);
    return joined === null ? null : ['append', joined, firstOffset];
  }
  return null;
}

/** What both append, where the second begins at the end of the first. */
function joinEnds(first: unknown, second: unknown, firstOffset: number, offset: unknown): unknown {
  if (typeof first === 'string' && typeof second === 'string' && firstOffset + first.length === offset)
    return first + second;
  if (isList(first) && isList(second) && firstOffset + first.length === offset) return [...first, ...second];
  return null;
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const isObjectDiff = (value: unknown): value is ObjectDiff => typeof value === 'object' && value !== null;
