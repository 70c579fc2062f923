import type { ChannelState } from './channel-state.ts';
import { isObject } from './decode-frame.ts';
import { tokenOf } from './join-config.ts';
import { hearing } from './permissions.ts';
import { DatabaseRefusal } from './realtime-database.ts';
import { expired, TokenRefusal, verifyToken, type Claims } from './verify-token.ts';

/** Ends a channel when its token runs out, unless it is renewed before. */
export function watchToken(
  state: ChannelState,
  { token, claims }: { token: string; claims: Claims },
): { start: () => void; stop: () => void; renew: (payload: unknown) => Promise<void> } {
  const { tokenCheckMs } = state.context.limits;
  let current = token;
  let expiresAtMs = claims.exp * 1000;
  let timer: NodeJS.Timeout | undefined;
  const start = (): void => {
    clearTimeout(timer);
    const leftMs = Math.max(0, expiresAtMs - Date.now());
    // A timer cannot wait for years.
    timer = setTimeout(leftMs > tokenCheckMs ? start : end, Math.min(leftMs, tokenCheckMs)).unref();
  };
  const end = (): void => state.shutDown(expired(expiresAtMs / 1000).message);
  return {
    start,
    stop: () => clearTimeout(timer),
    renew: async (payload) => {
      const next = isObject(payload) ? tokenOf(payload['access_token']) : undefined;
      if (next === undefined || next === current) return;
      const renewed = await renewToken(state, next);
      if (renewed === undefined || !state.isOpen()) return;
      current = next;
      expiresAtMs = renewed.exp * 1000;
      start();
    },
  };
}

/** @returns the new claims; undefined when the channel was closed because of them */
async function renewToken(state: ChannelState, token: string): Promise<Claims | undefined> {
  const { context, member, permissions, socket, topic, shutDown } = state;
  try {
    const claims = await verifyToken(token, context.keys.jwtSecret);
    await permissions.renew({ claims, headers: socket.headers });
    const { broadcast, presence } = hearing(permissions);
    const isLess = (member.hears.broadcast && !broadcast) || (member.hears.presence && !presence);
    member.hears = { broadcast, presence };
    if (!isLess) return claims;
    shutDown(`You no longer have permission to read from this Channel topic: ${topic}`);
  } catch (error) {
    if (error instanceof TokenRefusal) shutDown(error.message);
    else if (error instanceof DatabaseRefusal) {
      context.log(error.code, error.cause);
      const isPolicy = error.code === 'RlsPolicyError';
      shutDown(
        isPolicy ? `You do not have permissions to read from this Channel topic: ${topic}` : error.message,
      );
    } else throw error;
  }
  return undefined;
}
