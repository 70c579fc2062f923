import { Alert, Text } from '@mantine/core';
import { QueryFault } from '@contracts/reporting.ts';
import { RequestError } from '@/lib/errors.ts';
import { FormFailure } from '@/ui/form-failure.tsx';
import { pointAt } from './point-at.ts';
import classes from './reports.module.css';

/** Why a query was refused: Postgres' own words, and where in the query it means. */
export function QueryFaultNotice({ error, query }: { error: Error | null; query: string }) {
  const fault =
    error instanceof RequestError && error.code === 'query_failed'
      ? QueryFault.safeParse(error.details).data
      : undefined;
  if (fault === undefined) return <FormFailure error={error} />;
  const place = fault.position === undefined ? undefined : pointAt(query, fault.position);
  return (
    <Alert color="red" role="alert" title={fault.reason}>
      {place !== undefined && (
        <>
          <Text size="sm">{`Line ${place.line}, character ${place.character}:`}</Text>
          <pre
            className={classes.fault}
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
            tabIndex={0}
            aria-label="Where in the query"
          >{`${place.text}\n${' '.repeat(place.character - 1)}^`}</pre>
        </>
      )}
      {fault.hint !== undefined && <Text size="sm">{fault.hint}</Text>}
    </Alert>
  );
}
