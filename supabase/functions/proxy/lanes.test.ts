import { expect, test } from 'vitest';
import { createLanes } from './lanes.ts';

/** A database whose calls end when the test says so. */
function slowDatabase() {
  const batches: string[][] = [];
  const enders: ((error?: Error) => void)[] = [];
  const run = (items: readonly string[]) =>
    new Promise<string[]>((resolve, reject) => {
      batches.push([...items]);
      enders.push((error) =>
        error === undefined ? resolve(items.map((item) => item.toUpperCase())) : reject(error),
      );
    });
  const end = async (i: number, error?: Error) => {
    enders[i]?.(error);
    await new Promise((resolve) => {
      setTimeout(resolve);
    });
  };
  return { batches, run, end };
}

test('a lone item goes at once; those that come meanwhile go together, each with its own answer', async () => {
  const { batches, run, end } = slowDatabase();
  const submit = createLanes(run);
  const answers = [submit('org', 'a'), submit('org', 'b'), submit('org', 'c')];
  expect(batches).toEqual([['a']]);
  await end(0);
  expect(batches).toEqual([['a'], ['b', 'c']]);
  const late = submit('org', 'd');
  await end(1);
  await end(2);
  expect(await Promise.all([...answers, late])).toEqual(['A', 'B', 'C', 'D']);
  expect(batches).toEqual([['a'], ['b', 'c'], ['d']]);
});

test('organizations do not wait for each other', () => {
  const { batches, run } = slowDatabase();
  const submit = createLanes(run);
  for (const lane of ['x', 'y', 'x']) void submit(lane, lane);
  expect(batches).toEqual([['x'], ['y']]);
});

test('an array has its bound', async () => {
  const { batches, run, end } = slowDatabase();
  const submit = createLanes(run, { maxItems: 2 });
  const answers = ['a', 'b', 'c', 'd'].map((item) => submit('org', item));
  for (const i of [0, 1, 2]) await end(i);
  await Promise.all(answers);
  expect(batches).toEqual([['a'], ['b', 'c'], ['d']]);
});

test('when the connection fails, everyone in the array hears it, and the lane goes on', async () => {
  const { run, end, batches } = slowDatabase();
  const submit = createLanes(run, { isItemsFault: () => false });
  const first = submit('org', 'a');
  const others = Promise.allSettled([submit('org', 'b'), submit('org', 'c')]);
  await end(0);
  await end(1, new Error('connection closed'));
  expect(await first).toBe('A');
  expect((await others).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const next = submit('org', 'd');
  await end(2);
  expect(await next).toBe('D');
  expect(batches).toHaveLength(3);
});

test('one bad item fails alone: the others of its array are sent again by themselves', async () => {
  const batches: number[][] = [];
  const submit = createLanes<number, number>(
    async (items) => {
      batches.push([...items]);
      await Promise.resolve();
      if (items.includes(13)) throw new Error('bad item');
      return items.map((item) => item * 2);
    },
    { isItemsFault: () => true },
  );
  const settled = await Promise.allSettled([1, 2, 13, 4].map((item) => submit('org', item)));
  expect(settled.map((result) => (result.status === 'fulfilled' ? result.value : 'failed'))).toEqual([
    2,
    4,
    'failed',
    8,
  ]);
  expect(batches).toEqual([[1], [2, 13, 4], [2], [13], [4]]);
});

test('an answer of another length is an error, not a shift of answers', async () => {
  const submit = createLanes(async () => Promise.resolve(['only one', 'too many']));
  await expect(submit('org', 'a')).rejects.toThrow('another number');
});
