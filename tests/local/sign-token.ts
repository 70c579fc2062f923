import { SignJWT } from 'jose';

/** A token as Auth makes them. `rooms` says what the fixture's policies let it do, by topic. */
export function signToken(
  jwtSecret: string,
  claims: Record<string, unknown> & { rooms?: Record<string, string[]> } = {},
  expiresAt: number | string = '1 hour',
): Promise<string> {
  return new SignJWT({ role: 'authenticated', sub: '00000000-0000-4000-8000-000000000001', ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setExpirationTime(expiresAt)
    .sign(new TextEncoder().encode(jwtSecret));
}
