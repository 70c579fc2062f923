/** What a link in one of Auth's mails says in the fragment, read before the Auth client takes it away. */
const fragment = new URLSearchParams(window.location.hash.slice(1));

export const arrival = {
  isRecovery: fragment.get('type') === 'recovery',
  /** E.g. `otp_expired`: the link was too old, or used before. */
  errorCode: fragment.get('error_code') ?? undefined,
} as const;
