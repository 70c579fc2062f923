import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EventStream } from './event-stream.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A stream behind a snapshot at 10, over a database that holds the numbers of `held`. */
function makeStream(...held: number[]) {
  const applied: number[] = [];
  const pull = vi.fn<(after: number) => Promise<{ seq: number }[]>>(async (after) =>
    held.filter((seq) => seq > after).map((seq) => ({ seq })),
  );
  const stream = new EventStream(10, { pull, apply: ({ seq }) => void applied.push(seq) });
  const receive = (...numbers: number[]) => numbers.forEach((seq) => stream.receive({ seq }));
  return { stream, applied, pull, receive, held };
}

test('[SEQ1] each event is applied once, in the order of the database', () => {
  const { applied, receive, pull } = makeStream();
  receive(9, 10, 11, 11, 13, 14, 12, 12);
  expect(applied).toEqual([11, 12, 13, 14]);
  expect(pull).not.toHaveBeenCalled();
});

test('[SEQ2] a hole that closes in time asks nobody', async () => {
  const { applied, receive, pull } = makeStream();
  receive(12);
  await vi.advanceTimersByTimeAsync(200);
  receive(11);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(applied).toEqual([11, 12]);
  expect(pull).not.toHaveBeenCalled();
});

test('[SEQ3] a hole that stays is pulled once, from the last event that was applied', async () => {
  const { applied, receive, pull } = makeStream(11, 12, 13);
  receive(12, 13);
  await vi.advanceTimersByTimeAsync(250);
  expect(pull.mock.calls).toEqual([[10]]);
  expect(applied).toEqual([11, 12, 13]);
});

test('[SEQ4] what the database does not hold any more is no hole', async () => {
  const { applied, receive, stream } = makeStream(20, 21);
  receive(19);
  await stream.pull();
  expect(applied).toEqual([20, 21]);
  expect(stream.last).toBe(21);
});

test('[SEQ5] pulls asked for meanwhile are one more pull, and messages between them are not lost', async () => {
  const { applied, receive, stream, pull, held } = makeStream(11);
  const first = stream.pull();
  void stream.pull();
  void stream.pull();
  receive(12);
  held.push(12, 13);
  await first;
  expect(applied).toEqual([11, 12, 13]);
  expect(pull).toHaveBeenCalledTimes(2);
});

test('[SEQ6] a pull that fails leaves everything for the next one; a stopped stream applies nothing', async () => {
  const { applied, receive, stream, pull } = makeStream(11, 12);
  pull.mockRejectedValueOnce(new Error('no network'));
  receive(12);
  await stream.pull();
  expect(applied).toEqual([]);
  const late = stream.pull();
  stream.stop();
  await late;
  receive(11);
  expect(applied).toEqual([]);
});
