import { randomUUID } from 'node:crypto';
import {
  BoardChanged,
  PulledBoard,
  type PushBoard,
  type PushedBoard,
} from '../../../supabase/functions/_shared/contracts/whiteboard.ts';
import type { BoardDatabase, Push } from '../../../supabase/functions/whiteboard/board-database.ts';
import { pushAlone } from '../../../supabase/functions/whiteboard/push-alone.ts';
import { pushBatch } from '../../../supabase/functions/whiteboard/push-batch.ts';
import { RecentRecords } from '../../../supabase/functions/whiteboard/recent-records.ts';
import { upgradeBoard } from '../../../supabase/functions/whiteboard/upgrade-board.ts';
import { operatorSql } from '../../support/database.ts';

/** The real functions over the real database, in two processes that remember different things. */
export class BoardServer {
  readonly boardId: string;
  readonly #database: BoardDatabase;
  #processes: [RecentRecords, RecentRecords] = [new RecentRecords(), new RecentRecords()];

  constructor(boardId: string, database: BoardDatabase) {
    this.boardId = boardId;
    this.#database = database;
  }

  restart(): void {
    this.#processes = [new RecentRecords(), new RecentRecords()];
  }

  push(userId: string, batch: PushBoard, process: 0 | 1): Promise<PushedBoard> {
    // Over the wire it would be a copy as well.
    const database = this.#database;
    const parts = {
      database,
      recent: this.#processes[process],
      push: (boardId: string, push: Push) => pushAlone(database, boardId, push),
    };
    return pushBatch(parts, userId, asCopy(batch));
  }

  upgrade(userId: string): Promise<void> {
    return upgradeBoard(this.#database, this.boardId, userId);
  }

  async pull(userId: string, since: number): Promise<PulledBoard> {
    const claims = JSON.stringify({ sub: userId, role: 'authenticated' });
    const [row] = await operatorSql()`
      select public.board_pull(${this.boardId}, ${since}) as answer
      from (select set_config('request.jwt.claims', ${claims}, true) as claims) c where claims is not null`;
    return PulledBoard.parse(row?.['answer']);
  }

  /** What the database told of this tick. */
  async told(clock: number): Promise<BoardChanged | null> {
    const [row] = await operatorSql()`
      select payload from realtime.messages
      where topic like ${`board:${this.boardId}:%`} and private and extension = 'broadcast'
        and inserted_at > now() - interval '1 minute' and event = 'changed' and payload ->> 'clock' = ${String(clock)}`;
    return BoardChanged.nullable().parse(row?.['payload'] ?? null);
  }

  async clock(): Promise<number> {
    const [row] = await operatorSql()`select clock from public.boards where id = ${this.boardId}`;
    return Number(row?.['clock']);
  }

  async records(): Promise<unknown[]> {
    const rows = await operatorSql()`select state from public.board_records where board_id = ${this.boardId}`;
    return rows.map(({ state }): unknown => state);
  }
}

export async function makeBoard(organizationId: string, userId: string): Promise<string> {
  const claims = JSON.stringify({ sub: userId, role: 'authenticated' });
  const [row] = await operatorSql()`
    select public.create_board(${organizationId}, ${`Board ${randomUUID()}`}) as id
    from (select set_config('request.jwt.claims', ${claims}, true) as claims) c where claims is not null`;
  return String(row?.['id']);
}

function asCopy<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value));
}
