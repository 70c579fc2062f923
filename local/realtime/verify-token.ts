import { errors, jwtVerify } from 'jose';

export type Claims = Record<string, unknown> & { role: string; exp: number };

/** Why a token is refused, in the words of hosted Realtime. */
export class TokenRefusal extends Error {
  readonly code: 'InvalidJWTToken' | 'MalformedJWT' | 'JwtSignatureError' | 'JwtSignerError';
  readonly isExpired: boolean;
  constructor(code: TokenRefusal['code'], message: string, isExpired = false) {
    super(message);
    this.code = code;
    this.isExpired = isExpired;
  }
}

/** @throws TokenRefusal */
export async function verifyToken(token: string, jwtSecret: string): Promise<Claims> {
  const payload = await readPayload(token.trim(), jwtSecret);
  const { role, exp } = payload;
  if (typeof role !== 'string' || exp === undefined)
    throw new TokenRefusal('InvalidJWTToken', 'Fields `role` and `exp` are required in JWT');
  return { ...payload, role, exp };
}

/** What a token says that ran out this long ago. */
export function expired(exp: number): TokenRefusal {
  const seconds = Math.max(0, Math.floor(Date.now() / 1000 - exp));
  return new TokenRefusal('InvalidJWTToken', `Token has expired ${seconds} seconds ago`, true);
}

async function readPayload(token: string, jwtSecret: string) {
  try {
    const secret = new TextEncoder().encode(jwtSecret);
    return (await jwtVerify(token, secret, { algorithms: ['HS256', 'HS384', 'HS512'] })).payload;
  } catch (error) {
    throw refusalOf(error);
  }
}

function refusalOf(error: unknown): TokenRefusal {
  if (error instanceof errors.JWTExpired) return expired(error.payload.exp ?? 0);
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'exp')
    return new TokenRefusal('InvalidJWTToken', 'Token expiration time is invalid');
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return new TokenRefusal('JwtSignatureError', 'Failed to validate JWT signature');
  if (error instanceof errors.JOSEAlgNotAllowed) {
    const message = 'Failed to generate JWT signer, check your JWT secret or JWKS configuration';
    return new TokenRefusal('JwtSignerError', message);
  }
  return new TokenRefusal('MalformedJWT', 'The token provided is not a valid JWT');
}
