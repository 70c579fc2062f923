import postgres from 'postgres';
import { z } from 'zod';
import { AppError, isErrorCode } from '../_shared/errors.ts';
import type { Change } from './judge-batch.ts';
import { BoardRecord } from './judge-record.ts';

const ReadRecords = z.object({
  clock: z.number(),
  schema_version: z.number(),
  schema: z.unknown(),
  records: z.array(z.object({ id: z.string(), clock: z.number(), state: BoardRecord })),
});

const Pushed = z.union([
  z.object({ stale: ReadRecords.shape.records }),
  z.object({
    clock: z.number(),
    is_effective: z.boolean(),
    is_known: z.literal(true).optional(),
    diff: z.record(z.string(), z.unknown()).optional(),
    refused: z.array(z.object({ id: z.string(), code: z.string() })),
  }),
]);

export type Pushed = z.infer<typeof Pushed>;

export interface Push {
  readonly userId: string;
  readonly clientId: string;
  readonly clientClock: number;
  readonly schemaVersion: number;
  readonly changes: readonly Change[];
}

export interface Upgrade {
  readonly boardId: string;
  readonly userId: string;
  readonly fromClock: number;
  readonly schemaVersion: number;
  readonly schema: unknown;
  readonly records: readonly unknown[];
}

/** The functions of `…_whiteboard.sql` that are for the service role. */
export interface BoardDatabase {
  /** Those of one board, in order. Where one is refused, none is done. */
  push: (boardId: string, pushes: readonly Push[]) => Promise<Pushed[]>;
  /** `ids` null: all records. */
  read: (
    boardId: string,
    userId: string,
    ids: readonly string[] | null,
  ) => Promise<z.infer<typeof ReadRecords>>;
  upgrade: (upgrade: Upgrade) => Promise<boolean>;
  close: () => Promise<void>;
}

/** Connects straight to Postgres, as the role that may do nothing but what services may: a stroke waits for it. */
export function connectBoards(url: string, connections = 4): BoardDatabase {
  const sql = postgres(url, {
    max: connections,
    prepare: true,
    fetch_types: false,
    connect_timeout: 5,
    connection: { application_name: 'kreative-hq whiteboard', role: 'service_role' },
    onnotice: () => {},
  });
  const ask = async (text: string, values: postgres.ParameterOrJSON<never>[]): Promise<unknown> => {
    try {
      const rows = await sql.unsafe<{ answer: unknown }[]>(text, values, { prepare: true });
      return rows[0]?.answer;
    } catch (error) {
      throw toRefusal(error);
    }
  };
  return {
    push: async (boardId, pushes) => {
      const rows = pushes.map((push) => ({
        user_id: push.userId,
        client_id: push.clientId,
        client_clock: push.clientClock,
        schema_version: push.schemaVersion,
        changes: push.changes,
      }));
      const text = 'select public.board_push($1, $2) as answer';
      return z.array(Pushed).parse(await ask(text, [boardId, sql.json(asJson(rows))]));
    },
    read: async (boardId, userId, ids) =>
      ReadRecords.parse(await ask(readText, [boardId, userId, ids === null ? null : sql.json(asJson(ids))])),
    upgrade: async (upgrade) =>
      z
        .boolean()
        .parse(
          await ask('select public.upgrade_board($1, $2, $3, $4, $5, $6) as answer', [
            upgrade.boardId,
            upgrade.userId,
            upgrade.fromClock,
            upgrade.schemaVersion,
            sql.json(asJson(upgrade.schema)),
            sql.json(asJson(upgrade.records)),
          ]),
        ),
    close: () => sql.end({ timeout: 5 }),
  };
}

const readText = `
  select public.read_board_records($1, $2,
    case when $3::jsonb is not null then array(select jsonb_array_elements_text($3)) end) as answer`;

const Detail = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.record(z.string(), z.unknown()));

function toRefusal(error: unknown): unknown {
  if (!(error instanceof postgres.PostgresError) || !isErrorCode(error.message)) return error;
  return new AppError(error.message, Detail.catch({}).parse(error.detail ?? '{}'));
}

/** Guarantee: what was parsed from JSON, or made of it. */
function asJson(value: unknown): postgres.JSONValue {
  return value as postgres.JSONValue;
}
