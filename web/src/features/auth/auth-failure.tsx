import { Alert } from '@mantine/core';
import { AuthError } from '@supabase/supabase-js';
import { FormFailure } from '@/ui/form-failure.tsx';
import { explainAuthError } from './explain-auth-error.ts';

/** Why Auth, or the database behind it, refused a form; nothing while there is no error. */
export function AuthFailure({ error }: { error: Error | null }) {
  if (!(error instanceof AuthError)) return <FormFailure error={error} />;
  return (
    <Alert color="red" role="alert" p="sm">
      {explainAuthError(error)}
    </Alert>
  );
}
