import { Container, VisuallyHidden } from '@mantine/core';
import { ErrorState } from '@/ui/error-state.tsx';

/** In place of the whole app. */
export function FailureScreen({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <Container component="main" size="xs" py={96}>
      <VisuallyHidden component="h1">Kreative HQ</VisuallyHidden>
      <ErrorState error={error} onRetry={onRetry} />
    </Container>
  );
}
