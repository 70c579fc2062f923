import type { KnownRecord } from './judge-batch.ts';

const most = 5_000;

/**
 * Records as they were seen last, so that the next patch of a stroke needs no reading. What is remembered may be old:
 * the database compares its clock, and answers the newer one.
 */
export class RecentRecords {
  readonly #records = new Map<string, KnownRecord>();

  find(boardId: string, id: string): KnownRecord | undefined {
    return this.#records.get(`${boardId} ${id}`);
  }

  keep(boardId: string, id: string, record: KnownRecord | null): void {
    const key = `${boardId} ${id}`;
    const known = this.#records.get(key);
    if (record !== null && known !== undefined && known.clock > record.clock) return;
    this.#records.delete(key);
    if (record !== null) this.#records.set(key, record);
    const oldest = this.#records.size > most ? this.#records.keys().next().value : undefined;
    if (oldest !== undefined) this.#records.delete(oldest);
  }
}
