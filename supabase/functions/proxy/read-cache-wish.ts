import { AppError } from '../_shared/errors.ts';

/** How old an answer this call accepts in place of its own; 0: none. Null where it leaves that to its key. */
export function readCacheWish(headers: Headers): number | null {
  const wish = headers.get(header)?.trim().toLowerCase();
  if (wish === undefined) return null;
  if (wish === 'off') return 0;
  const seconds = /^\d{1,9}$/.test(wish) ? Number(wish) : Number.NaN;
  if (seconds <= maxSeconds) return seconds;
  const reason = `The header ${header} is a number of seconds up to ${maxSeconds} (30 days), or "off".`;
  throw new AppError('invalid_request', { reason, param: header });
}

const header = 'x-khq-cache';
const maxSeconds = 2_592_000;
