import { AppError } from '../_shared/errors.ts';
import type { BoardDatabase } from './board-database.ts';
import { asSerializedSchema, asSerializedStore, boardSchema, schemaVersion } from './board-schema.ts';

const attempts = 5;

/** Brings all records of a board to the form of this version of tldraw, unless someone did so before. */
export async function upgradeBoard(database: BoardDatabase, boardId: string, userId: string): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const board = await database.read(boardId, userId, null);
    if (board.schema_version >= schemaVersion) return;
    const states = board.records.map(({ state }) => state);
    // A board that is new holds nothing yet but what every version reads.
    const records = board.schema === null ? states : migrate(states, board.schema);
    const isDone = await database.upgrade({
      boardId,
      userId,
      fromClock: board.clock,
      schemaVersion,
      schema: boardSchema.serialize(),
      records,
    });
    if (isDone) return;
  }
  throw new AppError('board_busy');
}

function migrate(records: readonly { id: string }[], schema: unknown): readonly unknown[] {
  const store = asSerializedStore(Object.fromEntries(records.map((record) => [record.id, record])));
  const migrated = boardSchema.migrateStoreSnapshot({ store, schema: asSerializedSchema(schema) });
  if (migrated.type === 'error') throw new AppError('server_outdated');
  return Object.values(migrated.value);
}
