import type { Hono } from 'hono';
import { PushBoard, UpgradeBoard } from '../../_shared/contracts/whiteboard.ts';
import { readBody } from '../../_shared/create-app.ts';
import { answerData } from '../../_shared/http.ts';
import type { BoardDatabase, Push } from '../board-database.ts';
import { pushBatch, requireVersion } from '../push-batch.ts';
import { PushLanes } from '../push-lanes.ts';
import { RecentRecords } from '../recent-records.ts';
import { upgradeBoard } from '../upgrade-board.ts';

/** What open tabs ask: to do what was drawn, and to bring a board to their version of tldraw. */
export function addPushRoutes(
  app: Hono,
  database: BoardDatabase,
  identify: (request: Request) => Promise<string>,
): void {
  const lanes = new PushLanes(database);
  const parts = {
    database,
    recent: new RecentRecords(),
    push: (boardId: string, push: Push) => lanes.push(boardId, push),
  };

  app.post('/push', async (c) => {
    const userId = await identify(c.req.raw);
    const batch = await readBody(c.req.raw, PushBoard);
    return answerData(await pushBatch(parts, userId, batch));
  });

  app.post('/upgrade', async (c) => {
    const userId = await identify(c.req.raw);
    const { boardId, schemaVersion } = await readBody(c.req.raw, UpgradeBoard);
    requireVersion(schemaVersion);
    await upgradeBoard(database, boardId, userId);
    return answerData({ boardId, schemaVersion });
  });
}
