import type { PushBoard, PushedBoard } from '../_shared/contracts/whiteboard.ts';
import { AppError } from '../_shared/errors.ts';
import type { BoardDatabase } from './board-database.ts';
import { schemaVersion } from './board-schema.ts';
import { type Change, type Judgement, judgeBatch, type KnownRecord, patchedRecords } from './judge-batch.ts';
import type { RecentRecords } from './recent-records.ts';
import { upgradeBoard } from './upgrade-board.ts';

const attempts = 20;

/**
 * Does what a tab did to a board, once. Patches are applied here, to records that may have moved on meanwhile: the
 * database then does nothing and answers them as they are, and the batch is judged anew.
 */
export async function pushBatch(
  database: BoardDatabase,
  recent: RecentRecords,
  userId: string,
  batch: PushBoard,
): Promise<PushedBoard> {
  requireVersion(batch.schemaVersion);
  const known = await knowPatched(database, recent, userId, batch);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const judgement = judgeBatch(batch, known);
    const answer = await pushUpgrading(database, userId, batch, judgement.changes);
    if (!('stale' in answer)) {
      if (answer.is_known === true) return { ...toAnswer(answer, { changes: [], refused: [] }), diff: null };
      for (const change of judgement.changes) {
        const isApplied = answer.applied?.includes(change.id) === true;
        const state = isApplied ? change.state : null;
        recent.keep(batch.boardId, change.id, state === null ? null : { clock: answer.clock, state });
      }
      return toAnswer(answer, judgement);
    }
    for (const { id, clock, state } of answer.stale) {
      known.set(id, { clock, state });
      recent.keep(batch.boardId, id, { clock, state });
    }
  }
  throw new AppError('board_busy');
}

export function requireVersion(theirs: number): void {
  if (theirs < schemaVersion) throw new AppError('client_outdated');
  if (theirs > schemaVersion) throw new AppError('server_outdated');
}

async function knowPatched(
  database: BoardDatabase,
  recent: RecentRecords,
  userId: string,
  batch: PushBoard,
): Promise<Map<string, KnownRecord>> {
  const known = new Map<string, KnownRecord>();
  const unknown: string[] = [];
  for (const id of patchedRecords(batch)) {
    const record = recent.find(batch.boardId, id);
    if (record === undefined) unknown.push(id);
    else known.set(id, record);
  }
  if (unknown.length > 0) {
    const { records } = await database.read(batch.boardId, userId, unknown);
    for (const { id, clock, state } of records) {
      known.set(id, { clock, state });
      recent.keep(batch.boardId, id, { clock, state });
    }
  }
  return known;
}

async function pushUpgrading(
  database: BoardDatabase,
  userId: string,
  batch: PushBoard,
  changes: readonly Change[],
): ReturnType<BoardDatabase['push']> {
  const push = { ...batch, userId, changes };
  try {
    return await database.push(push);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'board_outdated') throw error;
    await upgradeBoard(database, batch.boardId, userId);
    return database.push(push);
  }
}

function toAnswer(
  answer: Exclude<Awaited<ReturnType<BoardDatabase['push']>>, { stale: unknown }>,
  { changes, refused }: Judgement,
): PushedBoard {
  const applied = new Set(answer.applied);
  return {
    clock: answer.clock,
    isEffective: answer.is_effective,
    diff: Object.fromEntries(changes.flatMap(({ id, op }) => (applied.has(id) ? [[id, [...op]]] : []))),
    refused: [...refused, ...answer.refused],
  };
}
