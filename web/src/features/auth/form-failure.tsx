import { Alert } from '@mantine/core';
import { AuthError } from '@supabase/supabase-js';
import { explainError } from '@/lib/explain-error.ts';
import { explainAuthError } from './explain-auth-error.ts';

/** Why a form was refused; nothing while there is no error. */
export function FormFailure({ error }: { error: Error | null }) {
  if (!error) return null;
  const sentence =
    error instanceof AuthError ? explainAuthError(error) : Object.values(explainError(error)).join(' ');
  return (
    <Alert color="red" variant="light" role="alert" p="sm">
      {sentence}
    </Alert>
  );
}
