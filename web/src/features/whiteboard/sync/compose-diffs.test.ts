import { expect, test } from 'vitest';
import { createRandom, type Random } from '../../../../../supabase/functions/proxy/testing/random.ts';
import { composeDiffs } from './compose-diffs.ts';
import { applyOp, type BoardDiff, type BoardRecord, diffRecord, type RecordOp } from './tldraw-diffs.ts';

const start = { id: 'a', typeName: 'shape', text: 'ab', x: 1, props: { list: ['p'], w: 1, path: 'AA' } };
type State = typeof start;

function change(random: Random, state: State): State {
  const n = random.below(100);
  const props = state.props;
  switch (random.below(6)) {
    case 0:
      return { ...state, text: `${state.text}${n}` };
    case 1:
      return { ...state, x: n };
    case 2:
      return { ...state, props: { ...props, path: `${props.path}${n}` } };
    case 3:
      return { ...state, props: { ...props, list: [...props.list, String(n)] } };
    case 4:
      return { ...state, props: { ...props, list: [String(n)], w: n } };
    default:
      return { ...state, text: String(n) };
  }
}

const applied = (before: BoardRecord | undefined, diffs: readonly BoardDiff[]): BoardRecord | undefined =>
  diffs.reduce<BoardRecord | undefined>((state, diff) => {
    const op = diff['a'];
    return op === undefined ? state : applyOp(state, op);
  }, before);

test('[CMP1] a composed diff does what both did', () => {
  const counts = { composed: 0 };
  for (let seed = 0; seed < 2_000; seed++) {
    const random = createRandom(seed);
    const one = change(random, start);
    const two = change(random, one);
    const toOp = (before: State, after: State): RecordOp => ['patch', diffRecord(before, after) ?? {}];
    const diffs: BoardDiff[] = [{ a: toOp(start, one) }, { a: toOp(one, two) }];
    const [first = {}, second = {}] = diffs;
    const both = composeDiffs(first, second);
    if (both === null) continue;
    counts.composed += 1;
    expect(applied(start, [both])).toEqual(two);
  }
  expect(counts.composed).toBeGreaterThan(1_000);
});

test('[CMP2] what is put and patched is put, what is removed stays removed, until it is put again', () => {
  const put: BoardDiff = { a: ['put', start] };
  const patch: BoardDiff = { a: ['patch', { x: ['put', 9] }] };
  const remove: BoardDiff = { a: ['remove'] };
  expect(composeDiffs(put, patch)).toEqual({ a: ['put', { ...start, x: 9 }] });
  expect(composeDiffs(remove, patch)).toEqual(remove);
  expect(composeDiffs(patch, remove)).toEqual(remove);
  expect(composeDiffs(remove, put)).toEqual(put);
  expect(composeDiffs(patch, { b: ['remove'] })).toEqual({ ...patch, b: ['remove'] });
});
