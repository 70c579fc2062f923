import type { ReactNode } from 'react';
import classes from './scope-name.module.css';

type ScopeNameProps = { name: string; kind: string; children?: ReactNode };

/** What a limit is of: its name and, below, what kind of thing that is. */
export function ScopeName({ name, kind, children }: ScopeNameProps) {
  return (
    <span className={classes.root}>
      {name}
      {kind !== '' && <span className={classes.kind}>{kind}</span>}
      {children}
    </span>
  );
}
