import { connect, type Socket } from 'node:net';
import postgres from 'postgres';
import { z } from 'zod';
import { type ColumnKind, reportLimits, type ReportResult } from '../_shared/contracts/reporting.ts';
import { AppError } from '../_shared/errors.ts';
import { toQueryError } from './to-query-error.ts';

interface QueryRun {
  readonly databaseUrl: string;
  readonly runId: string;
  readonly query: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/**
 * Runs one query in a connection of its own, read-only, within the limits of rows, bytes and seconds. The query is the
 * body of a cursor, so it is one statement that only reads, whatever it is made of.
 */
export async function runQuery({ databaseUrl, runId, query, signal }: QueryRun): Promise<ReportResult> {
  const startedAt = performance.now();
  const connection = openConnection(databaseUrl, runId);
  const { sql } = connection;
  let isLate = false;
  const deadline = setTimeout(
    () => {
      isLate = true;
      connection.cut();
    },
    graceMs + reportLimits.seconds * 1000,
  );
  signal.addEventListener('abort', connection.cut);
  try {
    // Not `sql.begin`: it would roll back in a connection that is gone, and that ends the process.
    await sql.unsafe(
      `begin read only; set local statement_timeout = '${reportLimits.seconds}s';
       set local cursor_tuple_fraction = 1; set local client_connection_check_interval = '1s'`,
    );
    signal.throwIfAborted();
    await sql.unsafe(`${prefix}${query}`, [], oneStatement);
    const answer = await fetchRows(sql);
    return { ...answer, durationMs: Math.round(performance.now() - startedAt) };
  } catch (error) {
    if (connection.isTooLarge()) throw new AppError('report_too_large');
    if (isLate) throw new AppError('report_timed_out', { seconds: reportLimits.seconds });
    throw toQueryError(error, prefix.length);
  } finally {
    clearTimeout(deadline);
    signal.removeEventListener('abort', connection.cut);
    await sql.end({ timeout: 0 });
    connection.cut();
  }
}

const prefix = 'declare report no scroll cursor for ';
/** The extended protocol, which takes no second statement; an option that the driver's types do not list. */
const oneStatement: object = { simple: false };
const batchRows = 1000;
const graceMs = 2_000;
const mostBytes = 32 * 1024 * 1024;

async function fetchRows(sql: postgres.Sql) {
  const rows: (string | null)[][] = [];
  for (;;) {
    const batch = await sql.unsafe<RawRow[]>(`fetch ${batchRows} from report`).raw();
    for (const row of batch) rows.push(row.map((value) => (value === null ? null : String(value))));
    if (batch.length === batchRows && rows.length <= reportLimits.rows) continue;
    return {
      columns: columnsOf(batch).map(({ name, type }) => ({ name, kind: kindOf(type) })),
      rows: rows.slice(0, reportLimits.rows),
      isTruncated: rows.length > reportLimits.rows,
    };
  }
}

/** Buffers of UTF-8, which is what their text is. */
type RawRow = (Uint8Array | null)[];

const Columns = z.array(z.object({ name: z.string(), type: z.int() }));

/** Types say that columns stand on the results of tagged queries only; they do on all. */
const columnsOf = (batch: object) => Columns.parse(Reflect.get(batch, 'columns'));

/** Type ids of Postgres: what adds up, and what has its place in time. */
const kinds = new Map<number, ColumnKind>([
  ...[20, 21, 23, 700, 701, 1700].map((type): [number, ColumnKind] => [type, 'number']),
  ...[1082, 1114, 1184].map((type): [number, ColumnKind] => [type, 'time']),
]);
const kindOf = (type: number): ColumnKind => kinds.get(type) ?? 'text';

/** A single value may have a gigabyte: the socket is watched rather than the rows. */
function openConnection(databaseUrl: string, runId: string) {
  let socket: Socket | undefined;
  let isTooLarge = false;
  const { hostname, port } = new URL(databaseUrl);
  const cut = (): void => void socket?.destroy();
  const watch = setInterval(() => {
    isTooLarge ||= (socket?.bytesRead ?? 0) > mostBytes;
    if (isTooLarge) cut();
    if (socket?.destroyed) clearInterval(watch);
  }, 20);
  // Another option that the driver has and its types do not.
  const ownSocket: object = {
    socket: () => {
      socket = connect(Number(port || 5432), hostname);
      return opened(socket);
    },
  };
  const sql = postgres(databaseUrl, {
    max: 1,
    prepare: false,
    fetch_types: false,
    connect_timeout: 5,
    ssl: 'prefer',
    connection: { application_name: `report ${runId}` },
    onnotice: () => {},
    ...ownSocket,
  });
  return { sql, cut, isTooLarge: () => isTooLarge };
}

function opened(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}
