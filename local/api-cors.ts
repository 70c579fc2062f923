import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers a browser's preflight for Auth and the Data API, as Supabase's gateway does. @returns whether it did */
export function answerPreflight(req: IncomingMessage, res: ServerResponse): boolean {
  if (req.method !== 'OPTIONS' || req.headers['access-control-request-method'] === undefined) return false;
  res
    .writeHead(204, {
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS',
      'access-control-allow-headers': req.headers['access-control-request-headers'] ?? '*',
      'access-control-max-age': '3600',
    })
    .end();
  return true;
}

/** Headers to send beside the service's own: any page may read answers, which only a key and a token obtain. */
export const CORS_HEADERS: Record<string, string> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'Content-Range, Content-Location, Content-Profile, Preference-Applied, Location, sb-error-code, X-Total-Count',
};
