import { AppError } from '../_shared/errors.ts';
import type { OpenCall } from './open-calls.ts';
import type { Proxy } from './proxy.ts';
import { type Charge, guessUnseenOutput } from './settle.ts';
import { ConnectTimeout } from './watch-connect.ts';

/** Why an attempt served nobody, what it may have cost, and whether another one makes sense. */
export interface Failure {
  /** Null where upstream answered: its own words are handed on then. */
  readonly error: AppError | null;
  readonly code: string;
  readonly httpStatus: number;
  readonly charge: Charge;
  readonly retryAfterSeconds: number | null;
  readonly mayBeRetried: boolean;
}

/** An answer that another credential, or a moment later the same, might not have given; null for any other. */
export function judgeAnswer({ status, headers }: Response): Failure | null {
  if (status !== 429 && status !== 401 && status < 500) return null;
  return {
    error: null,
    code: status === 401 ? 'provider_credential_rejected' : `upstream_${status}`,
    httpStatus: status,
    charge: 'nothing',
    retryAfterSeconds: readRetryAfter(headers),
    mayBeRetried: headers.get('x-should-retry') !== 'false',
  };
}

export function judgeError(proxy: Proxy, open: OpenCall, cause: unknown): Failure {
  const { error, charge, mayBeRetried } = explain(proxy, open, cause);
  return { error, code: error.code, httpStatus: error.status, charge, mayBeRetried, retryAfterSeconds: null };
}

/** Nobody waits for this call any more, or it may not go on. */
export function isLost(open: OpenCall): boolean {
  return open.isClientGone || open.stoppedBy !== null;
}

function explain(
  proxy: Proxy,
  open: OpenCall,
  cause: unknown,
): { error: AppError; charge: Charge; mayBeRetried: boolean } {
  // What we threw ourselves was never sent either.
  const worked = cause instanceof AppError || wasNeverSent(cause) ? 'nothing' : guessUnseenOutput(open);
  if (open.stoppedBy !== null) return { error: open.stoppedBy, charge: worked, mayBeRetried: false };
  if (open.isClientGone) return { error: new AppError('client_closed'), charge: worked, mayBeRetried: false };
  if (cause instanceof AppError)
    return { error: cause, charge: 'nothing', mayBeRetried: cause.code === 'credential_unreadable' };
  const reason: unknown = open.upstream.signal.reason;
  if (reason instanceof ConnectTimeout) {
    const error = new AppError('upstream_connect_timeout', {
      seconds: Math.round(proxy.config.connectTimeoutMs / 1000),
    });
    return { error, charge: reason.mayHaveBeenSent ? 'input' : 'nothing', mayBeRetried: true };
  }
  if (open.upstream.signal.aborted) {
    const seconds = Math.round(proxy.config.firstByteTimeoutMs / 1000);
    return { error: new AppError('upstream_timeout', { seconds }), charge: 'input', mayBeRetried: true };
  }
  return wasNeverSent(cause)
    ? { error: new AppError('upstream_unreachable', {}, { cause }), charge: 'nothing', mayBeRetried: true }
    : { error: new AppError('upstream_disconnected', {}, { cause }), charge: 'input', mayBeRetried: true };
}

/** True when the failed request never left: no connection came about, so nothing can have been billed. */
function wasNeverSent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { message, cause } = error;
  const code = 'code' in error ? error.code : undefined;
  return (
    /client error \(Connect\)|tcp connect error|dns error|failed to lookup/i.test(message) ||
    code === 'ECONNREFUSED' ||
    code === 'ENOTFOUND' ||
    code === 'EAI_AGAIN' ||
    code === 'UND_ERR_CONNECT_TIMEOUT' ||
    // Newer versions of Deno, and Node, tell it as the cause of a failure without words.
    wasNeverSent(cause)
  );
}

/** Seconds; a date counts from now. Null when upstream names none. */
function readRetryAfter(headers: Headers): number | null {
  const milliseconds = headers.get('retry-after-ms');
  if (milliseconds !== null && Number.isFinite(Number(milliseconds))) return Number(milliseconds) / 1000;
  const text = headers.get('retry-after');
  if (text === null) return null;
  const seconds = Number.isFinite(Number(text)) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(seconds, 0) : null;
}
