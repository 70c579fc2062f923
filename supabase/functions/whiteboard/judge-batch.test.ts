import { expect, test } from 'vitest';
import { judgeBatch, type KnownRecord } from './judge-batch.ts';
import type { BoardRecord } from './judge-record.ts';
import { makeNote } from './make-note.ts';

type Diffs = Parameters<typeof judgeBatch>[0]['diffs'];

const noteOf = (id: string, meta: Record<string, string> = {}): BoardRecord =>
  makeNote({ id, pageId: 'page:vision', count: 0, text: 'Words', color: 'yellow', meta });

const known = (...records: BoardRecord[]): Map<string, KnownRecord> =>
  new Map(records.map((state) => [state.id, { clock: 7, state }]));

test('diffs are applied one after the other, and a record changes once', () => {
  const note = noteOf('shape:a');
  const diffs: Diffs = [
    { 'shape:a': ['patch', { x: ['put', 5] }], 'shape:b': ['put', noteOf('shape:b')] },
    { 'shape:a': ['patch', { x: ['put', 6], meta: ['patch', { by: ['put', 'Ada'] }] }] },
    { 'shape:b': ['remove'] },
  ];
  expect(judgeBatch({ diffs }, known(note))).toEqual({
    refused: [],
    changes: [
      {
        id: 'shape:a',
        op: ['patch', { x: ['put', 6], meta: ['patch', { by: ['put', 'Ada'] }] }],
        state: { ...note, x: 6, meta: { by: 'Ada' } },
        base: 7,
      },
      { id: 'shape:b', op: ['remove'], state: null, base: null },
    ],
  });
});

test('a place far behind the end of a list is nothing, and costs nothing', () => {
  const note = noteOf('shape:a');
  const content = (place: string): Diffs[number]['shape:a'] => [
    'patch',
    {
      props: ['patch', { richText: ['patch', { content: ['patch', { [place]: ['put', { type: 'x' }] }] }] }],
    },
  ];
  for (const place of ['1', '4000000000', '4e9', '-1'])
    expect(judgeBatch({ diffs: [{ 'shape:a': content(place) }] }, known(note))).toEqual({
      refused: [],
      changes: [],
    });
  expect(judgeBatch({ diffs: [{ 'shape:a': content('0') }] }, known(note)).changes).toHaveLength(1);
});

test('many small patches of large records are judged up to a bound, and the rest is refused by name', () => {
  const large = Array.from({ length: 20 }, (_, index) =>
    noteOf(`shape:${index}`, { heap: 'x'.repeat(200_000) }),
  );
  const round = (x: number): Diffs[number] =>
    Object.fromEntries(large.map(({ id }) => [id, ['patch', { x: ['put', x] }]]));
  const diffs = Array.from({ length: 1000 }, (_, index) => round(index));
  const { changes, refused } = judgeBatch({ diffs }, known(...large));
  expect(changes).toEqual([]);
  expect(refused).toHaveLength(large.length);
  expect(refused[0]).toEqual({ id: expect.stringContaining('shape:'), code: 'too_much_at_once' });
  // All of them moved once, as when everything on a board is selected, is no such thing.
  expect(judgeBatch({ diffs: [round(1)] }, known(...large)).refused).toEqual([]);
});

test('what is removed, and what was judged before the bound, is done', () => {
  const heap = { heap: 'x'.repeat(200_000) };
  const small = noteOf('shape:small');
  const gone = noteOf('shape:gone');
  const busy = noteOf('shape:busy', heap);
  const diffs: Diffs = [
    { 'shape:small': ['patch', { x: ['put', 1] }] },
    ...Array.from({ length: 400 }, (_, x): Diffs[number] => ({ 'shape:busy': ['patch', { x: ['put', x] }] })),
    { 'shape:gone': ['remove'] },
  ];
  const { changes, refused } = judgeBatch({ diffs }, known(small, gone, busy));
  expect(changes.map(({ id }) => id)).toEqual(['shape:small', 'shape:gone']);
  expect(refused).toEqual([{ id: 'shape:busy', code: 'too_much_at_once' }]);
});
