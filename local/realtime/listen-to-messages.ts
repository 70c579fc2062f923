import postgres from 'postgres';
import { keepListening } from '../keep-listening.ts';
import { messageColumns, storedMessage, type MessageRow, type StoredMessage } from './realtime-database.ts';

/**
 * Delivers what is written to `realtime.messages`, after commit and in that order. `onGap` says that messages may have
 * been missed: the connection was lost and is there again.
 */
export async function listenToMessages(options: {
  databaseUrl: string;
  sql: postgres.Sql;
  deliver: (message: StoredMessage) => void;
  onGap: () => void;
  onError: (error: unknown) => void;
}): Promise<{ stop: () => Promise<void> }> {
  const { databaseUrl, sql, deliver, onGap, onError } = options;
  let waiting: string[] = [];
  let isFetching = false;
  let hasBegun = false;
  let isStopped = false;

  const fetchAll = async (): Promise<void> => {
    isFetching = true;
    try {
      while (waiting.length > 0 && !isStopped) {
        const batch = waiting.splice(0, BATCH);
        for (const message of await fetchMessages(sql, batch)) deliver(message);
      }
    } catch (error) {
      // Nobody can tell what was in there: whoever listens looks anew.
      waiting = [];
      onError(error);
      onGap();
    } finally {
      isFetching = false;
    }
  };
  const listening = await keepListening(databaseUrl, 'realtime_messages', {
    onNotify: (notification) => {
      // Anyone may notify; what is not one of ours would fail the others in its batch.
      if (isStopped || !NOTIFICATION.test(notification)) return;
      waiting.push(notification);
      if (!isFetching) void fetchAll();
    },
    onListening: () => {
      if (hasBegun && !isStopped) onGap();
      hasBegun = true;
    },
  });
  return {
    stop: async () => {
      isStopped = true;
      await listening.stop();
    },
  };
}

async function fetchMessages(sql: postgres.Sql, notifications: string[]): Promise<StoredMessage[]> {
  try {
    return await fetchTogether(sql, notifications);
  } catch (error) {
    // One that only looks like ours, with a date that there is not.
    if (!(error instanceof postgres.PostgresError) || !error.code.startsWith('22')) throw error;
    if (notifications.length === 1) return [];
    const messages: StoredMessage[] = [];
    for (const notification of notifications) messages.push(...(await fetchMessages(sql, [notification])));
    return messages;
  }
}

async function fetchTogether(sql: postgres.Sql, notifications: string[]): Promise<StoredMessage[]> {
  const rows = await sql<MessageRow[]>`
    select ${messageColumns(sql)}
    from rows from (json_to_recordset(${`[${notifications.join(',')}]`}::text::json) as (id uuid, inserted_at timestamp))
      with ordinality as n (id, inserted_at, place)
    join realtime.messages m on m.id = n.id and m.inserted_at = n.inserted_at
    order by n.place`;
  return rows.map(storedMessage);
}

const BATCH = 100;
const NOTIFICATION = /^\{"id" : "[0-9a-f-]{36}", "inserted_at" : "\d{4}-\d\d-\d\dT[\d:.]{8,15}"\}$/;
