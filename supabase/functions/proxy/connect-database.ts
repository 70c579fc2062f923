import postgres from 'postgres';
import type { Database } from './ledger.ts';

/** Direct or session connections only: through a transaction pooler every call would cost a second round trip. */
export function connectDatabase(url: string): Database {
  const sql = postgres(url, {
    max: 3,
    prepare: true,
    // The one type that is sent is known; asking for the others costs a query at each connect.
    fetch_types: false,
    connect_timeout: 5,
    backoff: (attempt) => Math.min(0.05 * 2 ** attempt, 1),
    connection: { application_name: 'kreative-hq proxy' },
    onnotice: () => {},
  });
  const texts = {
    reserve_calls: 'select private.reserve_calls($1) as answer',
    extend_calls: 'select private.extend_calls($1) as answer',
    settle_calls: 'select private.settle_calls($1) as answer',
  } as const;
  return {
    async callArray(name, items) {
      const rows = await sql.unsafe<AnswerRow[]>(texts[name], [sql.json(asJson(items))], { prepare: true });
      return rows[0]?.answer;
    },
    async authenticateKey(keyId, keyHash) {
      const rows = await sql<AnswerRow[]>`select private.authenticate_key(${keyId}, ${keyHash}) as answer`;
      return rows[0]?.answer;
    },
    isItemsFault,
  };
}

interface AnswerRow {
  readonly answer: unknown;
}

/** An SQLSTATE came back, and not of the classes that speak of the connection or the server. */
function isItemsFault(error: unknown): boolean {
  return error instanceof postgres.PostgresError && !/^(08|53|57|58)/.test(error.code);
}

/** Guarantee: the ledger's items are plain data, which is JSON. */
function asJson(items: readonly unknown[]): postgres.JSONValue {
  return items as postgres.JSONValue;
}
