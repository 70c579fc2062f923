import { QueryClient } from '@tanstack/react-query';
import { RequestError } from './errors.ts';

/** Refusals are final; only what was not answered, or answered by a failing server, is worth asking again. */
const isWorthRetrying = (error: Error): boolean =>
  !(error instanceof RequestError) || error.status === 0 || error.status >= 500;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (failureCount, error) => failureCount < 2 && isWorthRetrying(error),
    },
  },
});
