import type { ApiEnv } from './env.ts';

/** Asks the proxy, which decides whether and how the call is made. The answer is not read: it streams through. */
export function callProxy(
  env: ApiEnv,
  request: Request,
  call: {
    readonly path: string;
    readonly headers: Headers;
    readonly body: string | Request['body'];
  },
): Promise<Response> {
  const headers = new Headers(call.headers);
  for (const name of perHop) headers.delete(name);
  // The client leaving ends the call to the proxy, which then does what its organization chose.
  return fetch(`${env.PROXY_URL}${call.path}`, {
    method: request.method,
    headers,
    body: call.body,
    signal: request.signal,
    redirect: 'manual',
    // A body that streams wants to be told so.
    ...(typeof call.body === 'object' && call.body !== null && { duplex: 'half' }),
  });
}

const perHop = [
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
