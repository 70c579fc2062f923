import postgres from 'postgres';
import { readReady } from './ready.ts';

let operator: postgres.Sql | undefined;

/** The stack's database as `postgres`, past RLS: what an operator may do, and what a test looks up behind the API. */
export function operatorSql(): postgres.Sql {
  operator ??= postgres(readReady().databaseUrl, { max: 2, idle_timeout: 2, onnotice: () => {} });
  return operator;
}
