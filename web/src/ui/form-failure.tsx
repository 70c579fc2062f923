import { Alert } from '@mantine/core';
import { explainError } from '@/lib/explain-error.ts';

/** Above a form: why it was refused; nothing while there is no error. */
export function FormFailure({ error }: { error: Error | null }) {
  if (!error) return null;
  const { title, advice } = explainError(error);
  return (
    <Alert color="red" role="alert" title={title}>
      {advice}
    </Alert>
  );
}
