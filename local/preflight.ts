import { relative } from 'node:path';
import postgres from 'postgres';
import { splitStatements } from './split-statements.ts';

export type SqlFile = { file: string; sql: string };

/**
 * Runs SQL files in one transaction that is rolled back, so that one that fails is found, with its line, before
 * anything is changed.
 * @throws SqlFileError
 */
export async function preflight(databaseUrl: string, files: SqlFile[]): Promise<void> {
  if (files.some(({ sql }) => has(TAKES_BACK, sql))) return;
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe('begin').simple();
    for (const file of files) {
      try {
        await tryFile(sql, { ...file, sql: withoutBrackets(file.sql) });
        // What would be found at a file's commit. In the next file, constraints may wait again.
        await sql.unsafe('set constraints all deferred').simple();
      } catch (error) {
        if (error instanceof postgres.PostgresError && ONLY_ON_ITS_OWN.has(error.code)) return;
        throw error;
      }
    }
  } finally {
    await sql
      .unsafe('rollback')
      .simple()
      .catch(() => {});
    await sql.end({ timeout: 2 });
  }
}

/** Runs a file in the connection's open transaction. @throws SqlFileError, with the transaction still usable */
export async function tryFile(sql: postgres.Sql, file: SqlFile): Promise<void> {
  await sql.unsafe('savepoint file_start').simple();
  try {
    await sql.unsafe(file.sql).simple();
    await sql.unsafe('set constraints all immediate').simple();
    await sql.unsafe('release savepoint file_start; reset all; reset role').simple();
  } catch (error) {
    if (!(error instanceof postgres.PostgresError) || ONLY_ON_ITS_OWN.has(error.code)) throw error;
    await sql.unsafe('rollback to savepoint file_start').simple();
    throw new SqlFileError(file, error, await locate(sql, file, error));
  }
}

/** An SQL file that PostgreSQL refused: where, and in PostgreSQL's words why. */
class SqlFileError extends Error {
  readonly file: string;
  readonly line: number | undefined;
  constructor({ file }: SqlFile, cause: postgres.PostgresError, line: number | undefined) {
    const place = `${relative(process.cwd(), file)}${line === undefined ? '' : `:${line}`}`;
    const more = [cause.detail, cause.hint && `Hint: ${cause.hint}`, cause.where].filter(Boolean);
    super([`${place}: ${cause.message} (SQLSTATE ${cause.code})`, ...more].join('\n  '));
    this.name = 'SqlFileError';
    this.file = file;
    this.line = line;
  }
}

/** PostgreSQL tells the position of what it cannot parse; else the first statement that fails alone is at fault. */
async function locate(
  sql: postgres.Sql,
  file: SqlFile,
  error: postgres.PostgresError,
): Promise<number | undefined> {
  if (error.position) return lineAt(file.sql, Number(error.position) - 1);
  for (const statement of splitStatements(file.sql)) {
    try {
      await sql.unsafe(statement.text).simple();
    } catch {
      return lineAt(file.sql, statement.offset);
    }
  }
  return undefined;
}

/** PostgreSQL counts characters, JavaScript UTF-16 units. */
function lineAt(sql: string, characters: number): number {
  return [...sql].slice(0, characters).filter((character) => character === '\n').length + 1;
}

function has(statement: RegExp, sql: string): boolean {
  return splitStatements(sql).some(({ text }) => statement.test(text));
}

/** With blanks where a file begins or commits a transaction of its own, so that every position stays. */
function withoutBrackets(sql: string): string {
  const characters = [...sql];
  for (const { text, offset } of splitStatements(sql)) {
    if (BRACKET.test(text)) characters.fill(' ', offset, offset + [...text].length);
  }
  return characters.join('');
}

const BRACKET = /^(begin|start\s+transaction|commit|end)\b(?!\s+prepared)/i;
const TAKES_BACK = /^(rollback|abort|prepare\s+transaction|commit\s+prepared)\b/i;

/** "Cannot run inside a transaction block", and a new enum value used before it is committed. */
const ONLY_ON_ITS_OWN = new Set(['25001', '55P04']);
