import { AppError } from '../_shared/errors.ts';
import type { BoardDatabase, Push, Pushed } from './board-database.ts';

/** A push by itself. */
export async function pushAlone(database: BoardDatabase, boardId: string, push: Push): Promise<Pushed> {
  const [answer] = await database.push(boardId, [push]);
  if (answer === undefined) throw new AppError('internal');
  return answer;
}
