import type { BoardDiff, BoardRecord } from './tldraw-diffs.ts';

/** Work of a tab that the server has not answered yet, under the name by which it is done only once. */
export type StoredBatch = {
  readonly clientId: string;
  readonly clientClock: number;
  readonly diffs: readonly BoardDiff[];
};

export type StoredBoard = {
  /** The last state that the server is known to have had; -1: none. */
  readonly clock: number;
  readonly records: readonly BoardRecord[];
  /** What tabs that are closed by now left undone. */
  readonly batches: readonly StoredBatch[];
};

/** What of a board outlives its tab. */
export type BoardStorage = {
  /** Answers what there is, and takes over what closed tabs left. */
  load: () => Promise<StoredBoard>;
  /**
   * Everything together or nothing: what changed on the server's side after `from` (null: since ever), and the work that
   * is still undone.
   */
  save: (change: {
    readonly from: number | null;
    readonly clock: number;
    readonly puts: readonly BoardRecord[];
    readonly removes: readonly string[];
    readonly batches: readonly StoredBatch[];
    /** All records, for a storage that has missed some. */
    readonly all: () => Iterable<BoardRecord>;
  }) => Promise<void>;
  close: () => void;
};
