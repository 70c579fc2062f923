import type { ReactNode } from 'react';
import type { UseQueryResult } from '@tanstack/react-query';
import { ErrorState } from './error-state.tsx';

type AsyncViewProps<Data> = {
  query: UseQueryResult<Data>;
  /** A skeleton of the shape that `children` will have. */
  skeleton: ReactNode;
  children: (data: Data) => ReactNode;
};

/** The three states of something that is loaded. Data once shown stays while it is asked for again. */
export function AsyncView<Data>({ query, skeleton, children }: AsyncViewProps<Data>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return skeleton;
}
