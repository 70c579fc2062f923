import type { AppError } from './errors.ts';

/** Browsers may call every function: the key or the session token is what authorizes, not the origin. */
export const corsHeaders: ReadonlyArray<readonly [string, string]> = [
  ['access-control-allow-origin', '*'],
  ['access-control-expose-headers', '*'],
];

/** The answer to a preflight. Echoes the asked headers, because `*` does not cover `authorization`. */
export function preflight(request: Request, methods: string): Response {
  return new Response(null, {
    status: 204,
    headers: [
      ...corsHeaders.map(([name, value]): [string, string] => [name, value]),
      ['access-control-allow-methods', methods],
      ['access-control-allow-headers', request.headers.get('access-control-request-headers') ?? '*'],
      ['access-control-max-age', '86400'],
      ['vary', 'access-control-request-headers'],
    ],
  });
}

/** `{ success: true, data }`, the envelope of every JSON endpoint but the proxy's. */
export function answerData(data: unknown, status = 200): Response {
  return answerJson({ success: true, data }, status);
}

/** `{ success: false, error: { message, code, … } }`. */
export function answerError(error: AppError): Response {
  const { message, code, details, status } = error;
  return answerJson({ success: false, error: { ...details, message, code } }, status);
}

/** Any JSON, with the headers that let browsers read it. */
export function answerJson(body: unknown, status: number): Response {
  const headers = new Headers({ 'content-type': 'application/json; charset=utf-8' });
  for (const [name, value] of corsHeaders) headers.set(name, value);
  return new Response(JSON.stringify(body), { status, headers });
}
