import { setImmediate as turn } from 'node:timers/promises';
import type { BoardTimer } from '../../../web/src/features/whiteboard/sync/board-link.ts';
import { createRandom, type Random } from '../../../supabase/functions/proxy/testing/random.ts';

type Event = { at: number; order: number; run: () => void | Promise<void>; isCancelled: boolean };

/** Time and chance of one seed: whatever happens, happens one after the other and alike each time. */
export class World {
  readonly random: Random;
  now = 0;
  readonly #events: Event[] = [];
  readonly #writing = new Set<Promise<unknown>>();
  #order = 0;
  #numbers = 0;

  constructor(seed: number) {
    this.random = createRandom(seed);
  }

  /** One that was not there before: what is written tells who wrote it. */
  number(): number {
    return ++this.#numbers;
  }

  name(prefix: string): string {
    return prefix + String(this.number());
  }

  chance(percent: number): boolean {
    return this.random.below(100) < percent;
  }

  between(least: number, most: number): number {
    return least + this.random.below(most - least + 1);
  }

  after(ms: number, run: () => void | Promise<void>): () => void {
    const event = { at: this.now + ms, order: this.#order++, run, isCancelled: false };
    const index = this.#events.findIndex(({ at }) => at > event.at);
    this.#events.splice(index < 0 ? this.#events.length : index, 0, event);
    return () => {
      event.isCancelled = true;
    };
  }

  /** The clock of one tab, which stops with it. */
  timerFor(isAlive: () => boolean): BoardTimer {
    return {
      now: () => this.now,
      after: (ms, run) =>
        this.after(ms, () => {
          if (isAlive()) run();
        }),
    };
  }

  /** Time stands still while this is written. */
  async writing<Value>(write: Promise<Value>): Promise<Value> {
    this.#writing.add(write);
    try {
      return await write;
    } finally {
      this.#writing.delete(write);
    }
  }

  /** Lets happen what is to happen, until `isOver` or for so long. */
  async runUntil(isOver: () => boolean, maxMs: number): Promise<boolean> {
    const end = this.now + maxMs;
    await this.#settle();
    while (!isOver()) {
      const next = this.#events[0];
      if (next === undefined || next.at > end) return false;
      this.#events.shift();
      if (next.isCancelled) continue;
      this.now = next.at;
      await next.run();
      await this.#settle();
    }
    return true;
  }

  /** What is promised by now is kept before anything else happens. */
  async #settle(): Promise<void> {
    do {
      await Promise.allSettled(this.#writing);
      await turn();
    } while (this.#writing.size > 0);
  }
}
