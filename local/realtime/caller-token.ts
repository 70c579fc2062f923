import type { IncomingMessage } from 'node:http';
import { tokenOfKey, type GatewayKeys } from '../verify-jwt.ts';

/** The token that a socket is opened with: an opaque key stands for the one of its role. */
export function socketToken(req: IncomingMessage, keys: GatewayKeys): string | undefined {
  const header = req.headers['x-api-key'];
  const key = typeof header === 'string' ? header : queryOf(req).get('apikey');
  return key === null || key === '' ? undefined : (tokenOfKey(key, keys) ?? key);
}

/** A request's own token counts, unless it is an opaque key; then, or without one, its key does. */
export function requestToken(req: IncomingMessage, keys: GatewayKeys): string | undefined {
  const bearer = req.headers.authorization?.replace(/^Bearer\s+/i, '');
  if (bearer !== undefined && !bearer.startsWith('sb_')) return bearer;
  const { apikey } = req.headers;
  const key = typeof apikey === 'string' ? apikey : (queryOf(req).get('apikey') ?? bearer);
  return key === undefined ? undefined : (tokenOfKey(key, keys) ?? key);
}

export function queryOf(req: IncomingMessage): URLSearchParams {
  return new URL(req.url ?? '/', 'http://localhost').searchParams;
}
