import type postgres from 'postgres';
import { operatorSql } from '../support/database.ts';

export type Session = postgres.ReservedSql;

/**
 * What is done in there is undone at its end, and sees nothing of what others do meanwhile. Where one of them, a job of the
 * schedule as a rule, changed a row that it has to change, it is begun anew.
 */
export async function inRolledBackTransaction<Result>(
  work: (session: Session) => Promise<Result>,
  attempts = 5,
): Promise<Result> {
  const session = await operatorSql().reserve();
  try {
    await session`begin isolation level repeatable read`;
    return await work(session);
  } catch (error) {
    if (attempts === 1 || sqlStateOf(error) !== '40001') throw error;
  } finally {
    await session`rollback`;
    session.release();
  }
  return inRolledBackTransaction(work, attempts - 1);
}

/** From here on the transaction is this user's (null: anonymous), set up as the Data API does for a request. */
export async function actAs(session: Session, userId: string | null): Promise<void> {
  const role = userId === null ? 'anon' : 'authenticated';
  const claims = userId === null ? { role } : { role, sub: userId };
  await session`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
  await session.unsafe(`set local role ${role}`);
}

/** How many rows a statement touched; `refused` by privileges, policies or the kind of relation; else the SQLSTATE. */
export type Outcome = number | 'refused' | { error: string };

const refusals = new Set([
  '42501', // insufficient_privilege, row-level security included
  '55000', // a view that cannot be written to
]);

/** Tries a statement and takes it back, so that the next one meets the same rows; `look` sees them before that. */
export async function attempt(
  session: Session,
  statement: string,
  parameters: (string | string[])[],
  look?: (touched: number) => Promise<void>,
): Promise<Outcome> {
  await session`savepoint attempt`;
  try {
    const { count } = await session.unsafe(statement, parameters);
    await look?.(count);
    return count;
  } catch (error) {
    const code = sqlStateOf(error);
    return refusals.has(code) ? 'refused' : { error: code };
  } finally {
    await session`rollback to savepoint attempt`;
  }
}

/** For a query of every table by name: of one that is gone by now, a month of calls as a rule, there are no rows. */
export function ofNoRelation(error: unknown): postgres.Row[] {
  if (sqlStateOf(error) !== '42P01') throw error; // undefined_table
  return [];
}

/** @throws what is not the database's */
function sqlStateOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}
