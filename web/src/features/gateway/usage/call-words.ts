import type { CallStatus } from './usage-filters.ts';

type StatusWords = { label: string; color: string; meaning: string };

export const statusWords: Readonly<Record<CallStatus, StatusWords>> = {
  reserved: {
    label: 'Running',
    color: 'indigo',
    meaning: 'On its way. What it may cost is held until it ends.',
  },
  succeeded: { label: 'Succeeded', color: 'teal', meaning: 'Answered in full.' },
  failed: {
    label: 'Failed',
    color: 'red',
    meaning: 'The provider or the connection to it failed.',
  },
  aborted: {
    label: 'Aborted',
    color: 'gray',
    meaning: 'The client hung up before the answer was complete.',
  },
  refused: {
    label: 'Refused',
    color: 'orange',
    meaning: 'Not sent to the provider. It cost nothing.',
  },
  expired: {
    label: 'Expired',
    color: 'red',
    meaning:
      'Its end was never seen. What was held for it counts as spent, until a late answer corrects that.',
  },
};

const reasons: Readonly<Record<string, string>> = {
  budget_exceeded: 'The budget had no room left for it.',
  frozen: 'Calls of this organization, project or key were frozen.',
  model_not_allowed: 'The key may not use this model.',
  model_not_found: 'The model is not known here, or has no price.',
  no_provider_credential: 'No active credential of this provider was there.',
  proxy_key_revoked: 'The key was revoked.',
  proxy_key_expired: 'The key had expired.',
  proxy_key_rotated: 'It came with a secret that was replaced, after the time it was given.',
  project_archived: 'The key’s project is archived.',
  rate_limited: 'A rate limit had no room: for requests or tokens in the last minute, or for calls at once.',
  lease_expired: 'The proxy that carried it stopped without closing it.',
  proxy_stopped: 'The proxy was stopped while the call was running.',
  upstream_unreachable: 'The provider could not be reached.',
  upstream_connect_timeout: 'No connection to the provider came about in time.',
  upstream_disconnected: 'The provider closed the connection before the answer was complete.',
  upstream_timeout: 'The provider sent nothing for too long.',
  provider_credential_rejected: 'The provider rejected the stored key. Renew it on Providers.',
  credential_unreadable:
    'The stored provider key cannot be decrypted. The operator must check the master keys.',
  malformed_upstream_response: 'The provider’s answer could not be read.',
  sandbox_unavailable: 'The sandbox is not running on this installation.',
  client_closed: 'The client closed the connection.',
  internal: 'Something failed in the proxy.',
};

/** Why a call did not succeed, in words; providers' own codes as they are. */
export const explainErrorCode = (code: string): string =>
  reasons[code] ?? explainUpstreamStatus(code) ?? `The reason given is “${code}”.`;

/** What the provider answered, where it is known by its HTTP status: `upstream_503`. */
function explainUpstreamStatus(code: string): string | undefined {
  const status = /^upstream_(\d{3})$/.exec(code)?.[1];
  if (status === undefined) return undefined;
  if (status === '429') return 'The provider’s own rate limit was reached (429).';
  return status === '503' || status === '529'
    ? `The provider was overloaded (${status}).`
    : `The provider answered with an error (${status}).`;
}

const operations: Readonly<Record<string, string>> = {
  'chat.completions': 'Chat completion',
  responses: 'Response',
  messages: 'Message',
  embeddings: 'Embedding',
  count_tokens: 'Token count',
  'images.generations': 'Image',
  'images.edits': 'Image edit',
  'audio.transcriptions': 'Transcript',
};

export const operationLabel = (operation: string): string => operations[operation] ?? operation;
