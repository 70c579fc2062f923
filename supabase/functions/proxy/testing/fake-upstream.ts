/** An upstream inside the process: a fetch that answers as told and keeps what it was asked. */
export interface FakeUpstream {
  readonly fetch: typeof fetch;
  readonly requests: { url: string; headers: Record<string, string>; body: string; signal: AbortSignal }[];
  answer: (signal: AbortSignal) => Promise<Response> | Response;
}

export function createFakeUpstream(): FakeUpstream {
  const upstream: FakeUpstream = {
    requests: [],
    answer: () => Response.json({}),
    async fetch(input, init) {
      const signal = init?.signal ?? new AbortController().signal;
      const body = init?.body instanceof Uint8Array ? new TextDecoder().decode(init.body) : '';
      const headers = Object.fromEntries(new Headers(init?.headers));
      upstream.requests.push({
        url: input instanceof Request ? input.url : input.toString(),
        headers,
        body,
        signal,
      });
      return upstream.answer(signal);
    },
  };
  return upstream;
}

export type Feed = ReturnType<typeof createFeed>;

/** A stream that the test feeds, piece by piece. Aborting the request breaks it, as it does with a real fetch. */
export function createFeed(signal?: AbortSignal) {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let isOver = false;
  const body = new ReadableStream<Uint8Array>(
    {
      start(started) {
        controller = started;
      },
      cancel() {
        isOver = true;
      },
    },
    { highWaterMark: 0 },
  );
  const fail = (): void => {
    if (!isOver) controller?.error(new TypeError('error reading a body from connection'));
    isOver = true;
  };
  signal?.addEventListener('abort', fail);
  return {
    body,
    /** Pieces that nobody has read yet. */
    waiting: (): number => -(controller?.desiredSize ?? 0),
    fail,
    write: (piece: string | Uint8Array): void => {
      if (!isOver) controller?.enqueue(typeof piece === 'string' ? new TextEncoder().encode(piece) : piece);
    },
    end: (): void => {
      if (!isOver) controller?.close();
      isOver = true;
    },
  };
}
