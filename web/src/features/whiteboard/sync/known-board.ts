import type { PulledBoard } from '../../../../../supabase/functions/_shared/contracts/whiteboard.ts';
import { applyOp, type BoardDiff, type BoardRecord, diffRecord, type RecordOp } from './tldraw-diffs.ts';

/** A board as the server had it at a clock, and what of that is not stored yet. */
export class KnownBoard {
  readonly records = new Map<string, BoardRecord>();
  clock: number;
  /** Null: what is stored may hold more than this tab has ever known. */
  #savedClock: number | null;
  readonly #touched = new Set<string>();

  constructor(clock: number, records: Iterable<BoardRecord>) {
    this.clock = clock;
    this.#savedClock = clock < 0 ? null : clock;
    for (const record of records) this.records.set(record.id, record);
  }

  /** The next tick. */
  advance(clock: number, diff: BoardDiff): void {
    this.clock = clock;
    for (const [id, op] of Object.entries(diff)) {
      const after = applyOp(this.records.get(id), op);
      if (after === undefined) this.records.delete(id);
      else this.records.set(id, after);
      this.#touched.add(id);
    }
  }

  /** Many ticks at once; answers what they changed. */
  catchUp(pulled: PulledBoard): BoardDiff {
    const ops = new Map<string, RecordOp>();
    for (const record of pulled.puts) {
      const before = this.records.get(record.id);
      if (before === undefined || diffRecord(before, record) !== null) ops.set(record.id, ['put', record]);
    }
    for (const id of this.#goneFrom(pulled)) ops.set(id, ['remove']);
    const diff = Object.fromEntries(ops);
    this.advance(pulled.clock, diff);
    return diff;
  }

  #goneFrom({ wipe, puts, deletes }: PulledBoard): string[] {
    if (!wipe) return deletes;
    this.#savedClock = null;
    const kept = new Set(puts.map(({ id }) => id));
    return [...this.records.keys()].filter((id) => !kept.has(id));
  }

  /** What is not stored yet. Whoever takes it stores it, or the next load is older. */
  takeUnsaved(): { from: number | null; clock: number; puts: BoardRecord[]; removes: string[] } {
    const puts: BoardRecord[] = [];
    const removes: string[] = [];
    for (const id of this.#touched) {
      const record = this.records.get(id);
      if (record === undefined) removes.push(id);
      else puts.push(record);
    }
    const unsaved = { from: this.#savedClock, clock: this.clock, puts, removes };
    this.#touched.clear();
    this.#savedClock = this.clock;
    return unsaved;
  }
}
