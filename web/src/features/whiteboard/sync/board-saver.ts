import type { BoardTimer } from './board-link.ts';
import type { BoardStorage } from './board-storage.ts';
import type { KnownBoard } from './known-board.ts';
import type { WorkQueue } from './work-queue.ts';

const gatherMs = 50;

/** Stores a board and the work on it a moment after they changed, one write after the other. */
export class BoardSaver {
  readonly #storage: BoardStorage;
  readonly #timer: BoardTimer;
  readonly #known: KnownBoard;
  readonly #work: WorkQueue;
  #cancel: (() => void) | null = null;
  #saving: Promise<void> | null = null;

  constructor(storage: BoardStorage, timer: BoardTimer, known: KnownBoard, work: WorkQueue) {
    this.#storage = storage;
    this.#timer = timer;
    this.#known = known;
    this.#work = work;
  }

  schedule(): void {
    this.#cancel ??= this.#timer.after(gatherMs, () => void this.save());
  }

  async save(): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    const before = this.#saving;
    const saving = (async () => {
      await before;
      await this.#write();
    })();
    this.#saving = saving;
    await saving;
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#storage.close();
  }

  async #write(): Promise<void> {
    try {
      await this.#storage.save({
        ...this.#known.takeUnsaved(),
        batches: this.#work.toStore(),
        all: () => this.#known.records.values(),
      });
    } catch {
      // No room, or a private window: the board works, but what is unsent does not outlive this tab.
    }
  }
}
