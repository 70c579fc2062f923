/** An event that Postgres gave a place: the next one has the next number, without holes. */
export type Sequenced = { seq: number };

export type EventStreamParts<Event extends Sequenced> = {
  /** What came after this number, in order, as the database has it. */
  pull: (after: number) => Promise<readonly Event[]>;
  /** Called for each event once, in order. */
  apply: (event: Event) => void;
};

/** How long a missing message may still be on its way before the database is asked. */
const gapMs = 250;

/**
 * Puts hints in the order of the database: what comes twice is dropped, what comes early waits for what is missing, and
 * what stays missing is pulled. Begins behind the snapshot whose number is `last`.
 */
export class EventStream<Event extends Sequenced> {
  readonly #parts: EventStreamParts<Event>;
  readonly #early = new Map<number, Event>();
  #last: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pulling: 'no' | 'yes' | 'again' = 'no';
  #isStopped = false;

  constructor(last: number, parts: EventStreamParts<Event>) {
    this.#last = last;
    this.#parts = parts;
  }

  get last(): number {
    return this.#last;
  }

  /** A message arrived. */
  receive(event: Event): void {
    if (this.#isStopped || event.seq <= this.#last) return;
    this.#early.set(event.seq, event);
    this.#applyReady();
    if (this.#early.size > 0) this.#timer ??= setTimeout(() => void this.pull(), gapMs);
  }

  /** Asks the database for what is missing; asked again meanwhile, it does so once more. Never throws. */
  async pull(): Promise<void> {
    this.#forgetTimer();
    if (this.#pulling !== 'no') {
      this.#pulling = 'again';
      return;
    }
    do {
      this.#pulling = 'yes';
      // What fails is asked again with the next message, join or head check.
      const events = await this.#parts.pull(this.#last).catch(() => []);
      if (this.#isStopped) return;
      for (const event of events) if (event.seq > this.#last) this.#early.set(event.seq, event);
      this.#skipTo(events.at(0)?.seq);
      this.#applyReady();
    } while (this.#isAskedAgain());
    this.#pulling = 'no';
  }

  stop(): void {
    this.#isStopped = true;
    this.#forgetTimer();
  }

  #isAskedAgain(): boolean {
    return this.#pulling === 'again';
  }

  #forgetTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The database is right: what it does not tell any more is no gap. */
  #skipTo(first: number | undefined): void {
    if (first !== undefined && first > this.#last + 1) this.#last = first - 1;
    for (const seq of this.#early.keys()) if (seq <= this.#last) this.#early.delete(seq);
  }

  #applyReady(): void {
    for (let next = this.#early.get(this.#last + 1); next; next = this.#early.get(this.#last + 1)) {
      this.#early.delete(next.seq);
      this.#last = next.seq;
      this.#parts.apply(next);
    }
    if (this.#early.size === 0) this.#forgetTimer();
  }
}
