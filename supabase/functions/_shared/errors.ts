/** What a refusal knows: wire names (snake_case), as SQL reports them. Never secrets: details reach the client. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

interface ErrorFacts {
  readonly status: number;
  readonly message: string | ((details: ErrorDetails) => string);
}

const text = (value: unknown, fallback: string): string =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : fallback;

const catalogue = {
  invalid_json: { status: 400, message: 'The body is not valid JSON in UTF-8, or nested too deep.' },
  body_incomplete: { status: 400, message: 'The body broke off before its end.' },
  invalid_request: { status: 400, message: (d) => text(d.reason, 'The request is not valid.') },
  duplicate_member: {
    status: 400,
    message: (d) => `The body names "${text(d.param, 'a member')}" twice. Send it once.`,
  },
  unsupported_parameter: {
    status: 400,
    message: (d) =>
      `"${text(d.param, 'This')}" cannot be translated for this model. ${text(d.reason, 'Leave it out.')}`,
  },
  wrong_endpoint: {
    status: 400,
    message: (d) =>
      `The model "${text(d.model, '')}" is not served at this endpoint. Use ${text(d.endpoint, 'its own')}.`,
  },
  password_refused: { status: 400, message: (d) => text(d.reason, 'This password cannot be used.') },
  // Postgres' own words are in the details: they may quote values, and messages are logged.
  query_failed: { status: 400, message: 'The query could not be run.' },
  report_too_large: { status: 400, message: 'The answer is too large. Ask for fewer or shorter columns.' },
  email_invalid: { status: 400, message: 'That is not an email address.' },
  role_unknown: { status: 400, message: 'There is no such role.' },
  webhook_url_refused: { status: 400, message: (d) => text(d.reason, 'This address cannot be used.') },
  alert_channel_invalid: { status: 400, message: 'This is not an alert channel that can be stored.' },
  title_invalid: { status: 400, message: 'A task needs a title of at most 200 characters.' },
  description_too_long: {
    status: 400,
    message: (d) => `A description has at most ${text(d.limit, '20000')} characters.`,
  },
  source_invalid: { status: 400, message: 'That is no source that a task can have.' },
  credential_invalid: { status: 400, message: 'This is not a provider key that can be stored.' },
  billing_key_invalid: { status: 400, message: 'This is not a billing key that can be stored.' },
  missing_proxy_key: {
    status: 401,
    message: 'No proxy key was sent. Send it as "Authorization: Bearer khq_…" or as "x-api-key".',
  },
  invalid_proxy_key: { status: 401, message: 'This proxy key is not known. Check it, or mint a new one.' },
  proxy_key_expired: { status: 401, message: 'This proxy key has expired. Mint a new one.' },
  proxy_key_revoked: { status: 401, message: 'This proxy key was revoked. Mint a new one.' },
  signature_invalid: {
    status: 401,
    message: 'The signature of this event is missing, wrong or older than five minutes.',
  },
  proxy_key_rotated: {
    status: 401,
    message: 'This proxy key was replaced by a newer one, and its time is over. Use the new one.',
  },
  invalid_credentials: { status: 401, message: 'The email address or the password is wrong.' },
  unauthenticated: { status: 401, message: 'Sign in first.' },
  budget_exceeded: { status: 402, message: sayBudget },
  quota_exceeded: { status: 402, message: (d) => `The plan's limit of ${text(d.limit, '0')} is reached.` },
  plan_limit_exceeded: {
    status: 402,
    message: (d) =>
      d.resource === 'api_access'
        ? `The ${text(d.plan, 'current')} plan has no API access. Upgrade for it.`
        : d.resource === 'tasks_month'
          ? `The ${text(d.plan, 'current')} plan allows ${text(d.limit, '0')} tasks a month, restarts counted in. Upgrade for more.`
          : `The ${text(d.plan, 'current')} plan allows ${text(d.limit, '0')} ${text(d.resource, 'of these')}. Upgrade for more.`,
  },
  email_not_confirmed: {
    status: 403,
    message: 'Confirm the email address first: see the mail that was sent.',
  },
  sign_up_disabled: { status: 403, message: 'Nobody can sign up here at the moment.' },
  caller_mismatch: { status: 403, message: (d) => `The "${text(d.param, 'team')}" is not this proxy key's.` },
  role_required: {
    status: 403,
    message: (d) => `Only people with the role ${text(d.role, 'admin')} may do this.`,
  },
  forbidden: { status: 403, message: 'Your role does not allow this.' },
  model_not_allowed: {
    status: 403,
    message: (d) => `This proxy key may not use the model "${text(d.model, '')}".`,
  },
  no_provider_credential: {
    status: 403,
    message: (d) =>
      `This organization has no active key for the provider "${text(d.provider, '')}". An admin can add one.`,
  },
  board_locked: { status: 403, message: 'This board is locked: only admins may change it.' },
  project_archived: { status: 403, message: "This proxy key's project is archived." },
  frozen: {
    status: 403,
    message: (d) =>
      `Calls of this ${text(d.scope, 'organization').replace('_', ' ')} are frozen: ${text(d.reason, 'no reason given')}. An admin can thaw it.`,
  },
  call_refused: { status: 403, message: (d) => `The call was refused: ${text(d.code, 'no reason given')}.` },
  not_found: { status: 404, message: (d) => text(d.reason, 'There is nothing here.') },
  model_not_found: {
    status: 404,
    message: (d) => `The model "${text(d.model, '')}" does not exist or has no price here.`,
  },
  organization_not_found: { status: 404, message: 'There is no such organization.' },
  project_not_found: { status: 404, message: 'There is no such project.' },
  agent_not_found: { status: 404, message: 'There is no such agent.' },
  task_not_found: { status: 404, message: 'There is no such task.' },
  credential_not_found: { status: 404, message: 'There is no such provider credential.' },
  billing_key_not_found: { status: 404, message: 'There is no such billing key.' },
  alert_channel_not_found: { status: 404, message: 'There is no such alert channel.' },
  invitation_not_found: { status: 404, message: 'This invitation is not open any more.' },
  board_not_found: { status: 404, message: 'There is no such board.' },
  board_tab_not_found: {
    status: 404,
    message: (d) => `The board has no tab "${text(d.tab, '')}".`,
  },
  board_note_not_found: { status: 404, message: 'There is no such note.' },
  method_not_allowed: { status: 405, message: (d) => `Use ${text(d.allow, 'another method')} here.` },
  body_timeout: { status: 408, message: 'The body did not arrive in time.' },
  too_many_alert_channels: {
    status: 409,
    message: (d) => `An organization has ${text(d.limit, '20')} alert channels at most.`,
  },
  email_taken: { status: 409, message: 'There is an account with this email address already.' },
  report_ended: { status: 409, message: 'The query was ended before it was done.' },
  already_member: { status: 409, message: 'This person is a member already.' },
  task_too_deep: { status: 409, message: 'A task that was handed on cannot hand on tasks itself.' },
  call_repeated: { status: 409, message: 'A call with this id was made already.' },
  call_cancelled: { status: 409, message: 'This call was cut off, because its task was stopped.' },
  lease_lost: { status: 409, message: 'Someone else has taken this over.' },
  reading_under_way: { status: 409, message: 'These reports are being read already. Look again shortly.' },
  client_outdated: {
    status: 409,
    message: 'This page is older than the board. Reload it.',
  },
  // SQL's word to functions/whiteboard, which then brings the board up to date.
  board_outdated: { status: 409, message: 'The board has to be brought up to date first. Try again.' },
  body_too_large: {
    status: 413,
    message: (d) => `The body is larger than ${text(d.limit_mb, '20')} MB.`,
  },
  rate_limited: { status: 429, message: sayRateLimit },
  reports_busy: {
    status: 429,
    message: 'This organization runs several reports already. Try again shortly.',
  },
  client_closed: { status: 499, message: 'The client closed the connection.' },
  internal: { status: 500, message: 'Something failed on our side. The request id leads us to it.' },
  provider_credential_rejected: {
    status: 502,
    message: (d) =>
      `The provider "${text(d.provider, '')}" rejected this organization's stored key (your proxy key is fine). An admin must renew it.`,
  },
  malformed_upstream_response: { status: 502, message: "The provider's answer could not be read." },
  upstream_unreachable: { status: 502, message: 'The provider could not be reached.' },
  upstream_disconnected: { status: 502, message: 'The provider closed the connection before it answered.' },
  ledger_unavailable: {
    status: 503,
    message: 'The ledger cannot be reached, so no call may be made. Try again.',
  },
  overloaded: { status: 503, message: 'Too many large requests are under way. Try again shortly.' },
  board_full: { status: 409, message: 'This board is full: it holds 20,000 things.' },
  record_invalid: { status: 400, message: 'This is not something that a board can hold.' },
  record_too_large: { status: 413, message: 'A single thing on a board has 256 KB at most.' },
  too_much_at_once: {
    status: 413,
    message: 'Too much of a board was changed at once. Change less at a time.',
  },
  board_busy: { status: 503, message: 'Too much is changing on this board at once. Try again.' },
  server_outdated: { status: 503, message: 'The server is being brought up to date. Try again shortly.' },
  credential_unreadable: {
    status: 503,
    message: 'The stored provider key cannot be decrypted here. An operator must check the master keys.',
  },
  reporting_unavailable: { status: 503, message: 'SQL reporting is not available on this installation.' },
  mail_unavailable: { status: 503, message: 'No mail server is configured on this installation.' },
  sandbox_unavailable: { status: 503, message: 'The sandbox is not running on this installation.' },
  report_timed_out: {
    status: 504,
    message: (d) => `The query took longer than ${text(d.seconds, 'some')} seconds. Ask for a shorter span.`,
  },
  upstream_connect_timeout: {
    status: 504,
    message: (d) => `The provider could not be connected to within ${text(d.seconds, 'some')} seconds.`,
  },
  upstream_timeout: {
    status: 504,
    message: (d) =>
      `The provider sent nothing for ${text(d.seconds, 'some')} seconds. Use streaming for long answers.`,
  },
} satisfies Record<string, ErrorFacts>;

export type ErrorCode = keyof typeof catalogue;

/** A refusal or failure as data; each surface renders it once, in its own words. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    const { message }: ErrorFacts = catalogue[code];
    super(typeof message === 'string' ? message : message(details), options);
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return catalogue[this.code].status;
  }
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(catalogue, code);
}

/** Anything thrown becomes an AppError; what was not foreseen says nothing to the client. */
export function toAppError(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError('internal', {}, { cause: error });
}

function sayBudget(details: ErrorDetails): string {
  const limit = dollars(details.limit_usd);
  const spent = dollars(details.spent_usd);
  const held = dollars(details.held_usd);
  const resets = text(details.resets_at, '');
  const url = text(details.budget_url, '');
  return [
    limit === null
      ? 'The budget is used up.'
      : `${nameBudget(details)} of ${limit} leaves no room for this call.`,
    spent === null ? '' : ` Spent: ${spent}${held === null ? '' : `, held by calls under way: ${held}`}.`,
    resets === '' ? '' : ` It resets at ${resets}.`,
    url === '' ? '' : ` See it, and who may raise it: ${url}`,
  ].join('');
}

/** A call that is larger than its limit would be refused whenever it came. */
export function outgrowsLimit({ limit, needed }: ErrorDetails): boolean {
  return typeof limit === 'number' && typeof needed === 'number' && needed > limit;
}

/** "Project Alpha is limited to 60 requests a minute. Try again in 12 s." */
function sayRateLimit(details: ErrorDetails): string {
  const { scope, scope_name: name, unit, limit, needed, retry_after_seconds: wait } = details;
  const units = unit === 'open_calls' ? 'calls at once' : `${text(unit, 'requests')} a minute`;
  const whose =
    scope === 'organization' || scope === undefined
      ? 'The organization'
      : `The ${text(scope, '').replace('_', ' ')} ${text(name, '')}`.trimEnd();
  return limit === undefined
    ? 'Too many calls for now. Try again shortly.'
    : `${whose} is limited to ${text(limit, '0')} ${units}. ${
        outgrowsLimit(details)
          ? `This call alone may take ${text(needed, 'more')}.`
          : `Try again in ${text(wait, '1')} s.`
      }`;
}

const periods = new Map<unknown, string>([
  ['day', 'daily '],
  ['week', 'weekly '],
  ['month', 'monthly '],
  ['total', 'total '],
]);

/** "The monthly budget of project Alpha"; the plan's is just "the monthly budget". */
function nameBudget({ scope, scope_name: name, period }: ErrorDetails): string {
  const budget = `The ${periods.get(period) ?? ''}budget`;
  if (scope === 'organization') return `${budget} of the organization`;
  if (typeof scope !== 'string' || scope === 'plan' || typeof name !== 'string') return budget;
  return `${budget} of ${scope.replace('_', ' ')} ${name}`;
}

/** The ledger's decimals without their idle zeros: never fewer than cents. */
function dollars(value: unknown): string | null {
  const amount = text(value, '');
  return amount === '' ? null : `$${amount.replace(/(\.\d\d\d*?)0+$/, '$1')}`;
}
