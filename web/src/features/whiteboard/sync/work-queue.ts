import type { PushedBoard } from '../../../../../supabase/functions/_shared/contracts/whiteboard.ts';
import type { StoredBatch } from './board-storage.ts';
import { composeDiffs } from './compose-diffs.ts';
import type { BoardDiff } from './tldraw-diffs.ts';

export type Batch = {
  clientId: string;
  clientClock: number;
  diffs: BoardDiff[];
  /** The pushes of tldraw's client that are done when this is. */
  requests: number[];
  /** It may be on the server already, so it stays as it is. */
  isSent: boolean;
  answer: PushedBoard | null;
};

/** What a tab did and the server has not answered: one batch is on its way, what is done meanwhile gathers in the last. */
export class WorkQueue {
  readonly #newId: () => string;
  readonly #clientId: string;
  readonly #batches: Batch[];
  #clientClock = 0;

  /** `left`: what closed tabs left undone, which comes first. */
  constructor(newId: () => string, left: readonly StoredBatch[]) {
    this.#newId = newId;
    this.#clientId = newId();
    this.#batches = left.map(({ diffs, ...batch }) => ({
      ...batch,
      diffs: [...diffs],
      requests: [],
      isSent: true,
      answer: null,
    }));
  }

  get head(): Batch | undefined {
    return this.#batches[0];
  }

  /** The first that the server has not answered: those before it are answered, and wait for their place in the order. */
  get unanswered(): Batch | undefined {
    return this.#batches.find(({ answer }) => answer === null);
  }

  get size(): number {
    return this.#batches.length;
  }

  add(diff: BoardDiff, request: number): void {
    const last = this.#batches.at(-1);
    const open = last === undefined || last.isSent ? this.#begin() : last;
    const latest = open.diffs.at(-1);
    const both = latest === undefined ? null : composeDiffs(latest, diff);
    if (both === null) open.diffs.push(diff);
    else open.diffs[open.diffs.length - 1] = both;
    open.requests.push(request);
  }

  /** What `request` asks for is in the queue already; answers whether anything is. */
  bind(request: number): boolean {
    const last = this.#batches.at(-1);
    last?.requests.push(request);
    return last !== undefined;
  }

  finishHead(): void {
    this.#batches.shift();
  }

  /** In its place each of its records by itself: what the server will not take is then found by name. */
  split(head: Batch): void {
    const place = this.#batches.indexOf(head);
    if (place < 0) return;
    const ids = new Set(head.diffs.flatMap((diff) => Object.keys(diff)));
    // Under a name of their own: what was begun after them has its place in the order already.
    const clientId = this.#newId();
    const parts = [...ids].map((id, index): Batch => {
      const diffs = head.diffs.flatMap((diff) => (diff[id] === undefined ? [] : [{ [id]: diff[id] }]));
      return { clientId, clientClock: index + 1, diffs, requests: [], isSent: true, answer: null };
    });
    parts.at(-1)?.requests.push(...head.requests);
    this.#batches.splice(place, 1, ...parts);
  }

  /** tldraw's client begins anew and asks again for all that is undone: what was not sent yet is left to that. */
  leaveUnsent(): void {
    while (this.#batches.at(-1)?.isSent === false) this.#batches.pop();
    for (const batch of this.#batches) batch.requests = [];
  }

  toStore(): StoredBatch[] {
    return this.#batches.map(({ clientId, clientClock, diffs }) => ({
      clientId,
      clientClock,
      diffs: [...diffs],
    }));
  }

  #begin(): Batch {
    this.#clientClock += 1;
    const batch: Batch = {
      clientId: this.#clientId,
      clientClock: this.#clientClock,
      diffs: [],
      requests: [],
      isSent: false,
      answer: null,
    };
    this.#batches.push(batch);
    return batch;
  }
}
