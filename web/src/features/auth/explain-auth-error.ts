import type { AuthError } from '@supabase/supabase-js';

/** What Auth refused, in one sentence that says what to do. */
export function explainAuthError(error: AuthError): string {
  return sentences[error.code ?? ''] ?? byStatus(error);
}

const sentences: Readonly<Record<string, string>> = {
  invalid_credentials: 'The email or the password is not right.',
  email_not_confirmed: 'Confirm your email first: the link is in your mailbox.',
  user_already_exists: 'There is an account with this email already. Sign in instead.',
  email_exists: 'There is an account with this email already. Sign in instead.',
  email_address_invalid: 'This email address is not accepted. Use another one.',
  weak_password: 'This password is too easy to guess. Use a longer one.',
  same_password: 'This is the password you have now. Choose a different one.',
  signup_disabled: 'New accounts are switched off here. Ask for an invitation.',
  over_request_rate_limit: 'That was too often. Wait a minute, then try again.',
  over_email_send_rate_limit: 'Too many mails were asked for. Wait a few minutes, then try again.',
  otp_expired: 'This link was used before or is too old. Ask for a new one.',
  session_expired: 'Your session has ended. Ask for a new link.',
};

function byStatus({ status, message }: AuthError): string {
  if (status === undefined || status === 0) return 'The server could not be reached. Check your connection.';
  if (status === 429) return 'That was too often. Wait a minute, then try again.';
  if (status >= 500) return 'The server could not do this. Try again in a moment.';
  return message;
}
