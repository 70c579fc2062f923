import type { PushBoard, PushedBoard } from '../_shared/contracts/whiteboard.ts';
import { AppError } from '../_shared/errors.ts';
import type { BoardDatabase, Push, Pushed } from './board-database.ts';
import { schemaVersion } from './board-schema.ts';
import { type Change, type Judgement, judgeBatch, type KnownRecord, patchedRecords } from './judge-batch.ts';
import type { RecentRecords } from './recent-records.ts';
import { upgradeBoard } from './upgrade-board.ts';

const attempts = 20;

export interface PushParts {
  readonly database: BoardDatabase;
  /** How a push gets to the database: by itself, or together with others. */
  readonly push: (boardId: string, push: Push) => Promise<Pushed>;
  readonly recent: RecentRecords;
}

/**
 * Does what a tab did to a board, once. Patches are applied here, to records that may have moved on meanwhile: the
 * database then does nothing and answers them as they are, and the batch is judged anew.
 */
export async function pushBatch(parts: PushParts, userId: string, batch: PushBoard): Promise<PushedBoard> {
  requireVersion(batch.schemaVersion);
  const { database, recent } = parts;
  const known = await knowPatched(database, recent, userId, batch);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const judgement = judgeBatch(batch, known);
    const answer = await pushUpgrading(parts, userId, batch, judgement.changes);
    if (!('stale' in answer)) {
      if (answer.is_known === true) return { ...toAnswer(answer, { changes: [], refused: [] }), diff: null };
      for (const change of judgement.changes) {
        const isApplied = answer.diff?.[change.id] !== undefined;
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
  { database, push: send }: PushParts,
  userId: string,
  batch: PushBoard,
  changes: readonly Change[],
): Promise<Pushed> {
  const { boardId, clientId, clientClock, schemaVersion: theirs } = batch;
  const push = { userId, clientId, clientClock, schemaVersion: theirs, changes };
  try {
    return await send(boardId, push);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'board_outdated') throw error;
    await upgradeBoard(database, boardId, userId);
    return send(boardId, push);
  }
}

function toAnswer(answer: Exclude<Pushed, { stale: unknown }>, { changes, refused }: Judgement): PushedBoard {
  return {
    clock: answer.clock,
    isEffective: answer.is_effective,
    diff: Object.fromEntries(
      changes.flatMap(({ id, op }) => (answer.diff?.[id] !== undefined ? [[id, [...op]]] : [])),
    ),
    refused: [...refused, ...answer.refused],
  };
}
