import { type AppError, type ErrorDetails, outgrowsLimit } from '../_shared/errors.ts';
import type { Arrival, Dialect } from './call.ts';
import { ownHeaders } from './client-headers.ts';
import { Rates } from './rate-headers.ts';

/** A refusal in the words of the route's dialect, as its official clients parse it. */
export function renderError(error: AppError, arrival: Pick<Arrival, 'id' | 'route'>): Response {
  const headers = ownHeaders(arrival, Rates.safeParse(error.details.rates).data);
  headers.push(['content-type', 'application/json'], ['x-khq-error-code', error.code]);
  const { allow } = error.details;
  if (typeof allow === 'string') headers.push(['allow', allow]);
  const wait = retryAfterSeconds(error);
  if (wait !== null) headers.push(['retry-after', String(wait)]);
  if (neverRetried.has(error.code) || outgrowsLimit(error.details)) headers.push(['x-should-retry', 'false']);
  const { dialect } = arrival.route;
  return new Response(JSON.stringify(bodies[dialect](error, arrival.id)), {
    status: statusOf(error, dialect),
    headers,
  });
}

/** The same refusal inside a stream that already began; `lastSequence` is the number of the last event, if they have one. */
export function errorEvent(
  error: AppError,
  { id, route: { dialect, operation } }: Pick<Arrival, 'id' | 'route'>,
  lastSequence: number | null = null,
): string {
  if (operation === 'responses') {
    const { error: nested } = bodies.openai(error);
    // Clients differ in whether they look for the facts in the event or in its `error`.
    const event = { ...nested, type: 'error', sequence_number: (lastSequence ?? -1) + 1, error: nested };
    return `event: error\ndata: ${JSON.stringify(event)}\n\n`;
  }
  const data = JSON.stringify(bodies[dialect](error, id));
  return dialect === 'anthropic' ? `event: error\ndata: ${data}\n\n` : `data: ${data}\n\n`;
}

const neverRetried = new Set<AppError['code']>([
  'budget_exceeded',
  'quota_exceeded',
  'provider_credential_rejected',
  'credential_unreadable',
  'sandbox_unavailable',
  // Made again at once it would take as long and be billed twice.
  'upstream_timeout',
]);

const bodies = {
  openai: (error: AppError) => ({
    error: {
      message: error.message,
      type: openaiType(error),
      param: paramOf(error.details),
      code: openaiCodes[error.code] ?? error.code,
    },
  }),
  anthropic: (error: AppError, requestId: string) => ({
    type: 'error',
    error: { type: anthropicType(error), message: error.message },
    request_id: requestId,
  }),
} satisfies Record<Dialect, (error: AppError, requestId: string) => unknown>;

const openaiCodes: Partial<Record<AppError['code'], string>> = {
  missing_proxy_key: 'invalid_api_key',
  invalid_proxy_key: 'invalid_api_key',
  budget_exceeded: 'project_spend_limit_exceeded',
  rate_limited: 'rate_limit_exceeded',
};

/** OpenAI's clients know an exhausted budget as 429; Anthropic's as 402. */
function statusOf(error: AppError, dialect: Dialect): number {
  return error.code === 'budget_exceeded' && dialect === 'openai' ? 429 : error.status;
}

function openaiType({ code, status }: AppError): string {
  if (code === 'budget_exceeded' || code === 'quota_exceeded') return 'insufficient_quota';
  if (code === 'rate_limited') return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

function anthropicType({ status }: AppError): string {
  return anthropicTypes.get(status) ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
}

const anthropicTypes = new Map([
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [503, 'overloaded_error'],
  [504, 'timeout_error'],
]);

const maxRetryAfterSeconds = 5;

/** Short, since Anthropic's TypeScript client sleeps all of it; the rate headers tell the whole time. */
function retryAfterSeconds({ code, details }: AppError): number | null {
  if (code === 'ledger_unavailable' || code === 'overloaded') return 1;
  if (code !== 'rate_limited' || outgrowsLimit(details)) return null;
  const asked = Number(details.retry_after_seconds ?? 1);
  return Number.isFinite(asked) ? Math.min(Math.max(Math.ceil(asked), 1), maxRetryAfterSeconds) : 1;
}

function paramOf({ param, model }: ErrorDetails): string | null {
  if (typeof param === 'string') return param;
  return typeof model === 'string' ? 'model' : null;
}
