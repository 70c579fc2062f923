import { afterEach, expect, test, vi } from 'vitest';
import { createMemoryBudget } from './memory-budget.ts';
import { maxBodyBytes, readBody } from './read-body.ts';

const megabyte = 1024 * 1024;

afterEach(() => {
  vi.useRealTimers();
});

function chunked(sizes: readonly number[]): Request {
  const pieces = sizes.map((size) => new Uint8Array(size).fill(0x20));
  const body = new ReadableStream({
    pull(controller) {
      const piece = pieces.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
  });
  const init = { method: 'POST', body, duplex: 'half' };
  return new Request('http://proxy/', init);
}

function declared(size: number, length = size): Request {
  const body = new Uint8Array(size);
  return new Request('http://proxy/', {
    method: 'POST',
    body,
    headers: { 'content-length': String(length) },
  });
}

test('a small body, declared or not, is read whole', async () => {
  const budget = createMemoryBudget(0);
  expect((await readBody(declared(1000), budget)).bytes).toHaveLength(1000);
  expect((await readBody(chunked([300, 700]), budget)).bytes).toHaveLength(1000);
});

test('more than 20 MB is refused: by its declaration before a byte is read, else as soon as it shows', async () => {
  const budget = createMemoryBudget(64 * megabyte);
  const tooLarge = expect.objectContaining({ code: 'body_too_large', status: 413 });
  await expect(readBody(declared(10, maxBodyBytes + 1), budget)).rejects.toEqual(tooLarge);
  await expect(readBody(chunked(Array.from({ length: 21 }, () => megabyte)), budget)).rejects.toEqual(
    tooLarge,
  );
  expect((await readBody(chunked(Array.from({ length: 20 }, () => megabyte)), budget)).bytes).toHaveLength(
    maxBodyBytes,
  );
});

test('large bodies wait for room, in order, and give it back once', async () => {
  const budget = createMemoryBudget(3 * megabyte);
  const first = await readBody(declared(2 * megabyte), budget);
  const order: string[] = [];
  const second = readBody(declared(2 * megabyte), budget).then((body) => (order.push('second'), body));
  const third = readBody(declared(megabyte), budget).then((body) => (order.push('third'), body));
  await new Promise((resolve) => {
    setTimeout(resolve, 20);
  });
  expect(order).toEqual([]);
  first.release();
  first.release();
  await Promise.all([second, third]);
  expect(order).toEqual(['second', 'third']);
});

test('who waits too long is told to come again, and the next one gets the room', async () => {
  const budget = createMemoryBudget(megabyte, 20);
  const release = await budget.take(megabyte / 2);
  await expect(budget.take(megabyte)).rejects.toMatchObject({ code: 'overloaded', status: 503 });
  release();
  await budget.take(megabyte);
});

test.each([{}, { 'content-length': '9' }])(
  'a body that stops half way is not waited for for ever: %j',
  async (headers) => {
    vi.useFakeTimers();
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(4)) });
    const init = { method: 'POST', body, duplex: 'half', headers };
    const reading = readBody(new Request('http://proxy/', init), createMemoryBudget(megabyte));
    const refused = reading.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(121_000);
    expect(await refused).toMatchObject({ code: 'body_timeout', status: 408 });
  },
);

test('a body that breaks off gives its room back', async () => {
  const budget = createMemoryBudget(20 * megabyte);
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(megabyte));
      controller.error(new Error('gone'));
    },
  });
  const init = { method: 'POST', body, duplex: 'half' };
  await expect(readBody(new Request('http://proxy/', init), budget)).rejects.toMatchObject({
    code: 'body_incomplete',
  });
  await budget.take(20 * megabyte);
});
