import { AppError } from '../_shared/errors.ts';
import type { BoardDatabase, Push, Pushed } from './board-database.ts';

const gatherMs = 10;
const most = 50;

interface Waiting {
  readonly push: Push;
  readonly resolve: (answer: Pushed) => void;
  readonly reject: (reason: unknown) => void;
}

interface Lane {
  waiting: Waiting[];
  isBusy: boolean;
  sentAt: number;
}

/**
 * Brings pushes of one board to the database together, so that a board on which many draw costs a transaction and a
 * message for all of them, at most a hundred times a second, and not for each. A lone push never waits.
 */
export class PushLanes {
  readonly #database: BoardDatabase;
  readonly #lanes = new Map<string, Lane>();

  constructor(database: BoardDatabase) {
    this.#database = database;
  }

  push(boardId: string, push: Push): Promise<Pushed> {
    return new Promise((resolve, reject) => {
      const lane = this.#lanes.get(boardId) ?? { waiting: [], isBusy: false, sentAt: -Infinity };
      this.#lanes.set(boardId, lane);
      lane.waiting.push({ push, resolve, reject });
      if (!lane.isBusy) void this.#work(boardId, lane);
    });
  }

  async #work(boardId: string, lane: Lane): Promise<void> {
    lane.isBusy = true;
    while (lane.waiting.length > 0) {
      const waitMs = lane.sentAt + gatherMs - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      lane.sentAt = performance.now();
      await this.#send(boardId, lane.waiting.splice(0, most));
    }
    lane.isBusy = false;
    this.#lanes.delete(boardId);
  }

  async #send(boardId: string, together: readonly Waiting[]): Promise<void> {
    try {
      const answers = await this.#database.push(
        boardId,
        together.map(({ push }) => push),
      );
      for (const [index, { resolve, reject }] of together.entries()) {
        const answer = answers[index];
        if (answer === undefined) reject(new AppError('internal'));
        else resolve(answer);
      }
    } catch (error) {
      const [only] = together;
      if (together.length === 1) only?.reject(error);
      // One that is refused takes none of the others along.
      else for (const each of together) await this.#send(boardId, [each]);
    }
  }
}
