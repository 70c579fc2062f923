import type {
  BoardChanged,
  PulledBoard,
  PushBoard,
  PushedBoard,
} from '../../../../../supabase/functions/_shared/contracts/whiteboard.ts';

/** What a board's server says no to; anything else that is thrown is a connection that failed. */
export type Refusal = { readonly code: string; readonly status: number };

/** The way to one board. Whatever is lost, late or doubled on it, `BoardSocket` makes up for. */
export type BoardLink = {
  push: (batch: PushBoard) => Promise<PushedBoard>;
  pull: (since: number) => Promise<PulledBoard>;
  /** Asks that the board be brought to this version of tldraw. */
  upgrade: (schemaVersion: number) => Promise<void>;
  /** Answers how to stop. `onWake`: messages may have been missed, or the connection is back. */
  listen: (heard: { onChanged: (changed: BoardChanged) => void; onWake: () => void }) => () => void;
  /** What a thrown error was; null: no answer came. */
  refusalOf: (error: unknown) => Refusal | null;
};

export type BoardTimer = { now: () => number; after: (ms: number, run: () => void) => () => void };

export const realTimer: BoardTimer = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
