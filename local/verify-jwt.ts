import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { sendJson } from './send-json.ts';

export type GatewayKeys = {
  publishableKey: string;
  secretKey: string;
  jwtSecret: string;
  anonJwt: string;
  serviceRoleJwt: string;
};

/** The legacy keys, which are tokens with a role and no user: valid for ten years. */
export function signRoleKey(role: 'anon' | 'service_role', jwtSecret: string): Promise<string> {
  return new SignJWT({ role })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer('supabase')
    .setIssuedAt()
    .setExpirationTime('10 years')
    .sign(new TextEncoder().encode(jwtSecret));
}

/**
 * The gateway's check before a function with `verify_jwt`. @returns true when it has answered with a refusal.
 * An opaque key in `apikey` stands for the token of its role when no token came.
 */
export async function refuseWithoutJwt(
  req: IncomingMessage,
  res: ServerResponse,
  keys: GatewayKeys,
): Promise<boolean> {
  if (req.method === 'OPTIONS') return false;
  const token = bearer(req) ?? tokenOfKey(req.headers['apikey'], keys);
  if (token === undefined) return refuse(res, 'UNAUTHORIZED_NO_AUTH_HEADER', 'Missing authorization header');
  let algorithm: string | undefined;
  try {
    algorithm = decodeProtectedHeader(token).alg;
  } catch {
    return refuse(res, 'UNAUTHORIZED_INVALID_JWT_FORMAT', 'Invalid JWT format');
  }
  if (algorithm !== 'HS256')
    return refuse(res, 'UNAUTHORIZED_UNSUPPORTED_TOKEN_ALGORITHM', 'Unsupported algorithm');
  try {
    await jwtVerify(token, new TextEncoder().encode(keys.jwtSecret), { algorithms: ['HS256'] });
    return false;
  } catch {
    return refuse(res, 'UNAUTHORIZED_LEGACY_JWT', 'Invalid JWT');
  }
}

function bearer(req: IncomingMessage): string | undefined {
  const header = req.headers.authorization;
  if (header === undefined) return undefined;
  const token = header.replace(/^Bearer\s+/i, '');
  return token.startsWith('sb_') ? undefined : token;
}

/** The token that the gateway puts in the place of an opaque key; undefined for anything else. */
export function tokenOfKey(
  key: string | string[] | undefined,
  { publishableKey, secretKey, anonJwt, serviceRoleJwt }: GatewayKeys,
): string | undefined {
  if (key === publishableKey) return anonJwt;
  if (key === secretKey) return serviceRoleJwt;
  return undefined;
}

function refuse(res: ServerResponse, code: string, message: string): true {
  sendJson(
    res,
    401,
    { code, message, msg: message },
    { 'sb-error-code': code, 'access-control-allow-origin': '*' },
  );
  return true;
}
