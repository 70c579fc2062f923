import { Container } from '@mantine/core';
import { ErrorState } from '@/ui/error-state.tsx';

export function FailureScreen({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <Container component="main" size="xs" py={96}>
      <ErrorState error={error} onRetry={onRetry} />
    </Container>
  );
}
