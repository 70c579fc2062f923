import { readReady } from './ready.ts';

export const paths = { openai: '/v1/chat/completions', anthropic: '/v1/messages' } as const;

/** A request without any client's help: these bytes, these headers, and the answer as it comes. */
export function postToProxy(
  proxyKey: string,
  path: string,
  body: NonNullable<RequestInit['body']>,
  init: RequestInit & { proxyUrl?: string; duplex?: 'half' } = {},
): Promise<Response> {
  const { proxyUrl = readReady().proxyUrl, headers, ...rest } = init;
  return fetch(proxyUrl + path, {
    method: 'POST',
    body,
    headers: {
      authorization: `Bearer ${proxyKey}`,
      'content-type': 'application/json',
      ...Object.fromEntries(new Headers(headers)),
    },
    ...rest,
  });
}
