import { Container } from '@mantine/core';
import { isRouteErrorResponse, useRouteError } from 'react-router';
import { ErrorState } from '@/ui/error-state.tsx';
import { NotFoundPage } from './not-found-page.tsx';

/** The last net: what a page threw while it was loaded or drawn. */
export function RouteError() {
  const error = useRouteError();
  if (isRouteErrorResponse(error) && error.status === 404) return <NotFoundPage />;
  return (
    <Container component="main" size="xs" py={96}>
      <ErrorState error={error} onRetry={() => window.location.reload()} />
    </Container>
  );
}
