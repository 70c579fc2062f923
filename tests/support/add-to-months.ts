import type postgres from 'postgres';
import { operatorSql } from './database.ts';

/**
 * Writes calls into months of the ledger that may be on their way out of it, or gone: in one transaction, since an old month is
 * taken out as soon as it is empty or archived, by a job of each minute.
 */
export async function addToMonths(
  from: Date | string,
  to: Date | string,
  add: (sql: postgres.TransactionSql) => Promise<unknown>,
): Promise<void> {
  await operatorSql().begin(async (sql) => {
    await sql`select private.drop_detached_months()`;
    await sql`select private.ensure_usage_partitions(${from}::timestamptz, ${to}::timestamptz)`;
    await add(sql);
  });
}
