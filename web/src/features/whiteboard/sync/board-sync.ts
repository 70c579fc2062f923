import type {
  BoardChanged,
  PulledBoard,
  PushedBoard,
  RefusedRecord,
} from '../../../../../supabase/functions/_shared/contracts/whiteboard.ts';
import type { BoardLink, BoardTimer } from './board-link.ts';
import type { BoardStorage, StoredBoard } from './board-storage.ts';
import { BoardSaver } from './board-saver.ts';
import { KnownBoard } from './known-board.ts';
import type { BoardDiff } from './tldraw-diffs.ts';
import { type Batch, WorkQueue } from './work-queue.ts';

export type BoardStatus = {
  /** outdated: this page is older than the board. gone: the board, or one's membership, is. */
  readonly problem: 'outdated' | 'gone' | null;
  readonly isOffline: boolean;
  /** Whether there is work that the server has not answered. */
  readonly isSaving: boolean;
};

export type SocketParts = {
  readonly link: BoardLink;
  readonly storage: BoardStorage;
  readonly timer: BoardTimer;
  readonly newId: () => string;
  readonly schemaVersion: number;
  readonly boardId: string;
  readonly paceMs: () => number;
  /** What tldraw's client has to hear of. */
  readonly emit: (events: readonly SocketEvent[]) => void;
  readonly onStatus: (status: BoardStatus) => void;
  readonly onRefused: (refused: readonly RefusedRecord[]) => void;
};

export type SocketEvent =
  | { readonly type: 'patch'; readonly diff: BoardDiff; readonly serverClock: number }
  | {
      readonly type: 'push_result';
      readonly clientClock: number;
      readonly serverClock: number;
      readonly action: 'discard' | { readonly rebaseWithDiff: BoardDiff };
    };

/** How long a gap in the ticks may last before what is missing is asked for. */
const gapMs = 250;
const retriesMs = [500, 1_000, 2_000, 5_000, 10_000];

/**
 * The order of a board on this side. Ticks come as messages and as answers to pushes, in any order, twice or never: they
 * are applied one after the other, what is missing is pulled, and what was done here is pushed until it is answered.
 */
export class BoardSync {
  readonly known: KnownBoard;
  readonly work: WorkQueue;
  readonly #parts: SocketParts;
  readonly #saver: BoardSaver;
  /** Ticks that came before those that they follow. */
  readonly #early = new Map<number, BoardDiff>();
  readonly #timers = new Map<'gap' | 'push' | 'retry', () => void>();
  readonly #stopListening: () => void;
  #status: BoardStatus = { problem: null, isOffline: false, isSaving: false };
  #highestHeard = -1;
  /** A clock that somebody claimed, and that the board had not reached when it was asked. */
  #disproved = -1;
  #pulling: 'no' | 'yes' | 'again' = 'no';
  #isPushing = false;
  #pushedAt = -Infinity;
  #failures = 0;
  #isClosed = false;
  #onKnown: (() => void) | null = null;

  constructor(parts: SocketParts, stored: StoredBoard) {
    this.#parts = parts;
    this.known = new KnownBoard(stored.clock, stored.records);
    this.work = new WorkQueue(parts.newId, stored.batches);
    this.#saver = new BoardSaver(parts.storage, parts.timer, this.known, this.work);
    this.#stopListening = parts.link.listen({
      onChanged: (changed) => {
        this.hear(changed);
        // Too large for a message.
        if (changed.changes === undefined) void this.#pull();
      },
      onWake: () => this.wake(),
    });
    this.#show({});
  }

  /** Resolves when there is a board to show. */
  whenKnown(): Promise<void> {
    return new Promise((resolve) => {
      this.#onKnown = resolve;
      this.#noteKnown();
    });
  }

  #noteKnown(): void {
    if (this.known.clock >= 0) this.#onKnown?.();
  }

  /** Something was done here; `request` is what tldraw's client calls it. */
  push(diff: BoardDiff, request: number): void {
    this.work.add(diff, request);
    this.#saver.schedule();
    this.#show({});
    this.#pushSoon();
  }

  /** Asks what was missed and goes on pushing, whatever was waited for. */
  wake(): void {
    this.#clear('retry');
    void this.#pull();
    this.#pushSoon();
  }

  /** Stores what is not stored yet; for tabs that are about to go. */
  save(): Promise<void> {
    return this.#saver.save();
  }

  close(): void {
    this.#isClosed = true;
    this.#stopListening();
    for (const cancel of this.#timers.values()) cancel();
    this.#saver.close();
  }

  /** Something was told: changes, or how far someone else is. */
  hear({ clock, changes = [] }: BoardChanged): void {
    if (this.#isClosed || clock <= this.known.clock) return;
    if (changes.length === 0 && clock === this.#disproved) return;
    this.#highestHeard = Math.max(this.#highestHeard, clock);
    for (const change of changes) this.#early.set(change.clock, asBoardDiff(change.diff));
    this.#drain([]);
  }

  /** Applies whatever comes next by now. */
  #drain(events: SocketEvent[]): void {
    for (;;) {
      const next = this.known.clock + 1;
      const head = this.work.head;
      const answer = head?.answer ?? null;
      const early = this.#early.get(next);
      if (head !== undefined && answer !== null && answer.clock <= this.known.clock) {
        events.push(...this.#finish(head, null));
      } else if (head !== undefined && answer?.clock === next && answer.isEffective && answer.diff !== null) {
        const diff = asBoardDiff(answer.diff);
        this.known.advance(next, diff);
        events.push(...this.#finish(head, diff));
      } else if (early !== undefined) {
        this.known.advance(next, early);
        events.push({ type: 'patch', diff: early, serverClock: next });
      } else break;
    }
    for (const clock of this.#early.keys()) if (clock <= this.known.clock) this.#early.delete(clock);
    if (events.length > 0) {
      this.#saver.schedule();
      this.#parts.emit(events);
    }
    this.#watchGap();
    this.#show({});
    this.#pushSoon();
  }

  #finish({ requests }: Batch, diff: BoardDiff | null): SocketEvent[] {
    this.work.finishHead();
    const serverClock = this.known.clock;
    if (diff !== null && requests.length === 0) return [{ type: 'patch', diff, serverClock }];
    return requests.map((clientClock, index) => ({
      type: 'push_result',
      clientClock,
      serverClock,
      // All of a batch is one tick: with its last push comes what it made of the board.
      action: diff !== null && index === requests.length - 1 ? { rebaseWithDiff: diff } : 'discard',
    }));
  }

  #watchGap(): void {
    const awaited = Math.max(this.#highestHeard, this.work.head?.answer?.clock ?? -1);
    if (awaited <= this.known.clock) this.#clear('gap');
    else if (!this.#timers.has('gap')) this.#after('gap', gapMs, () => void this.#pull());
  }

  async #pull(): Promise<void> {
    if (this.#isClosed || this.#status.problem !== null) return;
    if (this.#pulling !== 'no') {
      this.#pulling = 'again';
      return;
    }
    this.#pulling = 'yes';
    const since = this.known.clock;
    const claimed = this.#highestHeard;
    try {
      const pulled = await this.#parts.link.pull(since);
      if (this.#isClosed) return;
      await this.#takePulled(pulled, since);
      this.#disprove(claimed);
      this.#show({ isOffline: false });
    } catch (error) {
      this.#fail(error);
    }
    const isAskedAgain = this.#isAskedAgain();
    this.#pulling = 'no';
    if (isAskedAgain && !this.#status.isOffline) void this.#pull();
  }

  #isAskedAgain(): boolean {
    return this.#pulling === 'again';
  }

  async #takePulled(pulled: PulledBoard, since: number): Promise<void> {
    const { schemaVersion, link } = this.#parts;
    if (pulled.schema_version > schemaVersion) {
      this.#show({ problem: 'outdated' });
      return;
    }
    if (pulled.schema_version < schemaVersion) {
      await link.upgrade(schemaVersion);
      this.#pulling = 'again';
      return;
    }
    const events: SocketEvent[] = [];
    // A clock that went back is that of a database that was restored.
    if (pulled.clock > this.known.clock || pulled.clock < since) {
      const diff = this.known.catchUp(pulled);
      events.push({ type: 'patch', diff, serverClock: pulled.clock });
    }
    if (pulled.clock < since) this.#forgetAhead();
    this.#clear('gap');
    this.#drain(events);
    this.#noteKnown();
  }

  /** What was claimed before a pull, and was not in it, is not waited for. */
  #disprove(claimed: number): void {
    if (claimed <= this.known.clock || claimed !== this.#highestHeard || this.#early.has(claimed)) return;
    this.#disproved = claimed;
    this.#highestHeard = -1;
    this.#watchGap();
  }

  #forgetAhead(): void {
    this.#early.clear();
    this.#highestHeard = -1;
  }

  #pushSoon(): void {
    const { timer, paceMs } = this.#parts;
    if (this.#isClosed || this.#isPushing || this.work.unanswered === undefined) return;
    if (this.#timers.has('push') || this.#timers.has('retry') || this.#status.problem !== null) return;
    this.#after('push', Math.max(0, this.#pushedAt + paceMs() - timer.now()), () => void this.#pushHead());
  }

  async #pushHead(): Promise<void> {
    const head = this.work.unanswered;
    if (head === undefined) return;
    const { boardId, schemaVersion, link, timer } = this.#parts;
    head.isSent = true;
    this.#isPushing = true;
    this.#pushedAt = timer.now();
    const { clientId, clientClock, diffs } = head;
    try {
      const answer = await link.push({
        boardId,
        clientId,
        clientClock,
        schemaVersion,
        diffs: asWireDiffs(diffs),
      });
      if (this.#isClosed) return;
      this.#isPushing = false;
      this.#takeAnswer(head, answer);
    } catch (error) {
      this.#isPushing = false;
      this.#fail(error, head);
    }
  }

  #takeAnswer(head: Batch, answer: PushedBoard): void {
    this.#failures = 0;
    head.answer = answer;
    if (answer.refused.length > 0) this.#parts.onRefused(answer.refused);
    // Done before, so what it did is on the board and comes from there.
    if (answer.diff === null) void this.#pull();
    this.#show({ isOffline: false });
    this.#drain([]);
  }

  #fail(error: unknown, head: Batch | null = null): void {
    if (this.#isClosed) return;
    const refusal = this.#parts.link.refusalOf(error);
    if (refusal?.code === 'client_outdated') this.#show({ problem: 'outdated' });
    else if (refusal?.code === 'board_not_found') this.#show({ problem: 'gone' });
    else if (head !== null && refusal !== null && finalCodes.has(refusal.code))
      this.#giveUp(head, refusal.code);
    else this.#retry(refusal === null);
  }

  /** The server will not take this batch as it is. */
  #giveUp(head: Batch, code: string): void {
    const ids = [...new Set(head.diffs.flatMap((diff) => Object.keys(diff)))];
    if (ids.length > 1 && code !== 'board_locked') {
      this.work.split(head);
      this.#saver.schedule();
      this.#pushSoon();
      return;
    }
    this.#takeAnswer(head, {
      clock: this.known.clock,
      isEffective: false,
      diff: {},
      refused: ids.map((id) => ({ id, code })),
    });
  }

  #retry(isOffline: boolean): void {
    this.#show({ isOffline: isOffline || this.#status.isOffline });
    // A push and a pull that fail together are one failure.
    if (this.#timers.has('retry')) return;
    const delayMs = retriesMs[Math.min(this.#failures, retriesMs.length - 1)] ?? 0;
    this.#failures += 1;
    this.#after('retry', delayMs, () => this.wake());
  }

  #show(change: Partial<BoardStatus>): void {
    const status = { ...this.#status, ...change, isSaving: this.work.size > 0 };
    const before = this.#status;
    this.#status = status;
    const isSame =
      before.problem === status.problem &&
      before.isOffline === status.isOffline &&
      before.isSaving === status.isSaving;
    if (!isSame) this.#parts.onStatus(status);
  }

  #after(name: 'gap' | 'push' | 'retry', ms: number, run: () => void): void {
    const cancel = this.#parts.timer.after(ms, () => {
      this.#timers.delete(name);
      run();
    });
    this.#timers.set(name, cancel);
  }

  #clear(name: 'gap' | 'push' | 'retry'): void {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }
}

/** It would not be otherwise next time. Whatever else is answered may be, so the work is kept and tried again. */
const finalCodes = new Set(['invalid_request', 'invalid_json', 'body_too_large', 'board_locked']);

/** Guarantee: it was made by the server, which writes tldraw's diffs only. */
function asBoardDiff(diff: Readonly<Record<string, readonly unknown[]>>): BoardDiff {
  return diff as BoardDiff;
}

function asWireDiffs(
  diffs: readonly BoardDiff[],
): Record<string, ['put' | 'patch' | 'remove', ...unknown[]]>[] {
  return diffs.map((diff) =>
    Object.fromEntries(
      Object.entries(diff).map(
        ([id, [op, ...rest]]): [string, ['put' | 'patch' | 'remove', ...unknown[]]] => [id, [op, ...rest]],
      ),
    ),
  );
}
