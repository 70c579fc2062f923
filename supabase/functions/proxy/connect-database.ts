import postgres from 'postgres';
import { type Database, NoAnswer } from './ledger.ts';
import { pause } from './pause.ts';
import { within } from './within.ts';

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
    reroute_calls: 'select private.reroute_calls($1) as answer',
    extend_calls: 'select private.extend_calls($1) as answer',
    settle_calls: 'select private.settle_calls($1) as answer',
    log_bodies: 'select private.log_bodies($1) as answer',
    find_cached_answers: 'select private.find_cached_answers($1) as answer',
    remember_answers: 'select private.remember_answers($1) as answer',
  } as const;
  return {
    async callArray(name, items) {
      const call = async (): Promise<unknown> => {
        const answering = sql.unsafe<AnswerRow[]>(texts[name], [sql.json(asJson(items))], { prepare: true });
        return (await answered(answering))[0]?.answer;
      };
      for (let left = mostRepetitions; ; left--) {
        try {
          return await call();
        } catch (error) {
          if (left === 0 || !wasDeadlock(error)) throw error;
        }
      }
    },
    async authenticateKey(keyId, keyHash) {
      const answering = sql<AnswerRow[]>`select private.authenticate_key(${keyId}, ${keyHash}) as answer`;
      return (await answered(answering))[0]?.answer;
    },
    async watchFreezes(onFreeze) {
      for (;;) {
        try {
          await sql.listen('call_freezes', onFreeze, onFreeze);
          return;
        } catch {
          await pause(listenAgainMs);
        }
      }
    },
    isItemsFault,
  };
}

interface AnswerRow {
  readonly answer: unknown;
}

/** The role's statements end after ten seconds; what was lost with its connection, or stands in line, holds up no lane. */
async function answered<Rows>(answering: Promise<Rows>): Promise<Rows> {
  const rows = await within(answering, maxAnswerMs);
  if (rows === null) throw new NoAnswer(answering);
  return rows;
}

const maxAnswerMs = 12_000;
const mostRepetitions = 2;
const listenAgainMs = 5_000;

/** Two waited for each other: one was undone as a whole, so that the other could go on. */
function wasDeadlock(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.code === '40P01';
}

/** An SQLSTATE came back, and not of the classes that speak of the connection or the server. */
function isItemsFault(error: unknown): boolean {
  return error instanceof postgres.PostgresError && !/^(08|53|57|58)/.test(error.code);
}

/** Guarantee: the ledger's items are plain data, which is JSON. */
function asJson(items: readonly unknown[]): postgres.JSONValue {
  return items as postgres.JSONValue;
}
