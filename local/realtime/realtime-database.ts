import postgres from 'postgres';
import { z } from 'zod';
import type { Claims } from './verify-token.ts';

export type Extension = 'broadcast' | 'presence';
export type WriteExtension = Extension | 'persistence';

export type Caller = { claims: Claims; headers: Record<string, unknown> };

export type RealtimeDatabase = {
  sql: postgres.Sql;
  /** Asks the policies on `realtime.messages`, one answer per extension. @throws DatabaseRefusal */
  authorize: (
    topic: string,
    caller: Caller,
    ask: { read?: readonly Extension[]; write?: readonly WriteExtension[] },
  ) => Promise<{ read: boolean[]; write: boolean[] }>;
  /** Keeps a broadcast for those who come later. @returns its id. @throws DatabaseRefusal */
  persist: (message: {
    topic: string;
    event: string;
    isJson: boolean;
    payload: Buffer;
    ttlSeconds: number;
  }) => Promise<string>;
  /** The newest of a private topic since then, oldest first. @throws DatabaseRefusal */
  replay: (topic: string, since: Date, limit: number) => Promise<StoredMessage[]>;
  stop: () => Promise<void>;
};

export type StoredMessage = {
  id: string;
  topic: string;
  event: string;
  isPrivate: boolean;
  isJson: boolean;
  payload: Buffer;
};

/** Why the database did not answer, in the words of hosted Realtime. */
export class DatabaseRefusal extends Error {
  readonly code: keyof typeof MESSAGES;
  constructor(code: DatabaseRefusal['code'], cause: unknown) {
    super(MESSAGES[code], { cause });
    this.code = code;
  }
}

const MESSAGES = {
  QueryCanceled: 'Query was cancelled, please try again',
  MissingPartition: 'Realtime was unable to find the expected messages partition',
  RlsPolicyError: 'A policy on realtime.messages raised an error',
  UnableToConnectToProject: 'Realtime was unable to connect to the project database',
};

/** Realtime's own connections, as the superuser: a check takes on the role of whom it is about. */
export function openRealtimeDatabase(url: string): RealtimeDatabase {
  const sql = postgres(url, {
    max: 6,
    connect_timeout: 5,
    backoff: () => 0.2,
    connection: { search_path: '"$user", public, auth, extensions', statement_timeout: 5_000 },
    onnotice: () => {},
  });
  return {
    sql,
    authorize: (topic, { claims, headers }, { read = [], write = [] }) =>
      refusing(async () => {
        const sub = typeof claims['sub'] === 'string' ? claims['sub'] : null;
        const rows = await sql`
          select read_allowed as read, write_allowed as write from realtime.authorize(
            ${claims.role}, ${topic}, ${JSON.stringify(claims)}, ${sub}, ${JSON.stringify(headers)},
            ${[...read]}::text[], ${[...write]}::text[])`;
        return Allowed.parse(rows[0]);
      }),
    persist: ({ topic, event, isJson, payload, ttlSeconds }) =>
      refusing(async () => {
        const [row] = await sql<{ id: string }[]>`
          insert into realtime.messages
            (topic, event, extension, private, payload, binary_payload, skip_broadcast, expires_at)
          values (${topic}, ${event}, 'broadcast', true, ${isJson ? payload.toString() : null}::text::jsonb,
            ${isJson ? null : payload}, true, now() + make_interval(secs => ${ttlSeconds}))
          returning id`;
        if (row === undefined) throw new Error('No row was written.');
        return row.id;
      }),
    replay: (topic, since, limit) =>
      refusing(async () => {
        const rows = await sql<MessageRow[]>`
          select ${messageColumns(sql)} from realtime.messages m
          where m.topic = ${topic} and m.private and m.extension = 'broadcast'
            and m.inserted_at >= ${since.toISOString()}::text::timestamp and m.inserted_at < now() + interval '1 minute'
            and (m.expires_at is null or m.expires_at > now()) and m.event is not null
            and (m.payload is not null or m.binary_payload is not null)
          order by m.inserted_at desc limit ${limit}`;
        return rows.map(storedMessage).toReversed();
      }),
    stop: () => sql.end({ timeout: 1 }),
  };
}

const Allowed = z.object({ read: z.array(z.boolean()), write: z.array(z.boolean()) });

export type MessageRow = {
  id: string;
  topic: string;
  event: string;
  isPrivate: boolean;
  json: string | null;
  bytes: Buffer | null;
};

/** JSON as the text that it is sent as. */
export function messageColumns(sql: postgres.Sql) {
  return sql`m.id, m.topic, m.event, m.private as "isPrivate", m.payload::text as json, m.binary_payload as bytes`;
}

export function storedMessage({ json, bytes, ...message }: MessageRow): StoredMessage {
  return { ...message, isJson: json !== null, payload: bytes ?? Buffer.from(json ?? '') };
}

async function refusing<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    const code = error instanceof postgres.PostgresError ? error.code : '';
    if (code === '57014') throw new DatabaseRefusal('QueryCanceled', error);
    if (code === '23514') throw new DatabaseRefusal('MissingPartition', error);
    if (code === '' || /^(08|53|57|XX)/.test(code))
      throw new DatabaseRefusal('UnableToConnectToProject', error);
    throw new DatabaseRefusal('RlsPolicyError', error);
  }
}
