import { Container } from '@mantine/core';
import { isRouteErrorResponse, useRouteError } from 'react-router';
import { ErrorState } from '@/ui/error-state.tsx';
import { FailureScreen } from './failure-screen.tsx';
import { NotFound, NotFoundPage } from './not-found-page.tsx';

/** The last net: what was thrown outside the shell, or by the shell itself. */
export function RouteError() {
  const error = useRouteError();
  if (isMissing(error)) return <NotFoundPage />;
  return <FailureScreen error={error} onRetry={reload} />;
}

/** What a page threw while it was loaded or drawn; the menu stays. */
export function PageError() {
  const error = useRouteError();
  if (isMissing(error)) return <NotFound />;
  return (
    <Container size="xs" py={64}>
      <ErrorState error={error} onRetry={reload} />
    </Container>
  );
}

const isMissing = (error: unknown): boolean => isRouteErrorResponse(error) && error.status === 404;

const reload = (): void => window.location.reload();
