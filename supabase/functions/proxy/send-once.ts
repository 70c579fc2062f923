/**
 * A fetch that asks an upstream once. Deno from 2.7 on repeats a request by itself when a kept connection ends before
 * the answer: the provider may have worked for both, and the ledger would know of one. What it cannot read twice it
 * does not repeat, so the body goes as a stream: chunked over HTTP/1.1, as always over HTTP/2. Older versions, hosted
 * Supabase's among them, do not repeat and keep the body's length.
 */
export function sendOnce(send: Fetch, denoVersion: string): Fetch {
  const [major = 0, minor = 0] = denoVersion.split('.').map(Number);
  if (major < 2 || (major === 2 && minor < 7)) return send;
  return (url, init) =>
    init.body instanceof Uint8Array ? send(url, { ...init, body: streamOf(init.body) }) : send(url, init);
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}
