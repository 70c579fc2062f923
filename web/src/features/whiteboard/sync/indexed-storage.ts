import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { BoardStorage, StoredBatch } from './board-storage.ts';
import type { BoardRecord } from './tldraw-diffs.ts';

interface Boards extends DBSchema {
  boards: { key: string; value: { boardId: string; schemaVersion: number; clock: number } };
  records: {
    key: [boardId: string, id: string];
    value: { boardId: string; id: string; record: BoardRecord };
  };
  /** What open and closed tabs have not had answered, by tab. */
  work: {
    key: [boardId: string, tabId: string];
    value: { boardId: string; tabId: string; schemaVersion: number; batches: StoredBatch[] };
  };
}

type Database = IDBPDatabase<Boards>;

export type StorageParts = {
  /** Boards of one person are not shown to the next who signs in here. */
  readonly userId: string;
  readonly boardId: string;
  readonly tabId: string;
  readonly schemaVersion: number;
  /** Whether a tab is still open: its work is not for others to take. */
  readonly isOpen: (tabId: string) => Promise<boolean>;
};

/** A board in the browser's own database, so that it opens, and work on it is kept, without a connection. */
export function indexedStorage(parts: StorageParts): BoardStorage {
  const opening = openBoards(parts.userId);
  return {
    load: async () => load(await opening, parts),
    save: async (change) => {
      const database = await opening;
      const { boardId, tabId, schemaVersion } = parts;
      const transaction = database.transaction(['boards', 'records', 'work'], 'readwrite');
      const records = transaction.objectStore('records');
      const stored = await transaction.objectStore('boards').get(boardId);
      const clock = stored?.schemaVersion === schemaVersion ? stored.clock : -1;
      if (clock < change.clock) {
        // Another tab may be ahead or behind: what it stored is only added to, never taken back.
        const isComplete = change.from === null || change.from > clock;
        if (isComplete) await records.delete(allOf(boardId));
        const puts = isComplete ? [...change.all()] : change.puts;
        const removes = isComplete ? [] : change.removes;
        for (const record of puts) void records.put({ boardId, id: record.id, record });
        for (const id of removes) void records.delete([boardId, id]);
        void transaction.objectStore('boards').put({ boardId, schemaVersion, clock: change.clock });
      }
      const work = transaction.objectStore('work');
      if (change.batches.length === 0) void work.delete([boardId, tabId]);
      else void work.put({ boardId, tabId, schemaVersion, batches: [...change.batches] });
      await transaction.done;
    },
    close: () => void opening.then((database) => database.close()),
  };
}

function openBoards(userId: string): Promise<Database> {
  return openDB<Boards>(`whiteboard ${userId}`, 1, {
    upgrade(database) {
      database.createObjectStore('boards', { keyPath: 'boardId' });
      database.createObjectStore('records', { keyPath: ['boardId', 'id'] });
      database.createObjectStore('work', { keyPath: ['boardId', 'tabId'] });
    },
  });
}

const allOf = (boardId: string): IDBKeyRange => IDBKeyRange.bound([boardId], [boardId, []]);

async function load(
  database: Database,
  { boardId, tabId, schemaVersion, isOpen }: StorageParts,
): ReturnType<BoardStorage['load']> {
  const tabs = await database.getAllKeys('work', allOf(boardId));
  const closed: string[] = [];
  for (const [, other] of tabs) if (!(await isOpen(other))) closed.push(other);
  const transaction = database.transaction(['boards', 'records', 'work'], 'readwrite');
  const stored = await transaction.objectStore('boards').get(boardId);
  const isCurrent = stored?.schemaVersion === schemaVersion;
  const records = isCurrent ? await transaction.objectStore('records').getAll(allOf(boardId)) : [];
  const work = transaction.objectStore('work');
  const batches: StoredBatch[] = [];
  for (const other of closed) {
    // Another tab may have been faster.
    const left = await work.get([boardId, other]);
    batches.push(...(left?.batches ?? []));
    await work.delete([boardId, other]);
  }
  if (batches.length > 0) await work.put({ boardId, tabId, schemaVersion, batches });
  await transaction.done;
  return {
    clock: isCurrent ? stored.clock : -1,
    records: records.map(({ record }) => record),
    batches,
  };
}
