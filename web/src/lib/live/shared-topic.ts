import { judgeChannel, retryDelayMs } from './judge-channel.ts';
import type { Channel, OpenChannel, Present } from './open-channel.ts';
import { PresencePace } from './presence-pace.ts';

export type TopicListener = {
  /** What was sent, as it came: a hint, to be checked before use. It may be late, doubled or missing. */
  onMessage?: (event: string, payload: unknown) => void;
  /** Messages may have been missed: ask the database. Also comes after each join and every half minute. */
  onPull?: () => void;
  /** Everyone who is here, oneself among them, whenever that changes. */
  onPresence?: (present: Present[]) => void;
};

/** gone: whoever listens is no member any more. idle: nobody listens. */
export type TopicPhase = 'idle' | 'joining' | 'live' | 'reconnecting' | 'gone';

export type TopicParts = {
  openChannel: OpenChannel;
  /** Its name on the wire by now; null where the membership is gone. `isRefused`: the last one was. Throws without a connection. */
  findName: (isRefused: boolean) => Promise<string | null>;
  /** Null where presence is not used. */
  presenceKey: string | null;
  onPhase: (phase: TopicPhase) => void;
};

type Opened = { name: string; channel: Channel };

/** How long nobody may listen before the channel is left, so that going from page to page keeps it. */
const lingerMs = 1_000;

/** One topic and everyone in this tab who listens to it, over one channel, whatever its name is by now. */
export class SharedTopic {
  readonly #parts: TopicParts;
  readonly #listeners = new Set<TopicListener>();
  readonly #presence = new PresencePace((meta) => this.#opened?.channel.track(meta));
  #phase: TopicPhase = 'idle';
  #opened: Opened | null = null;
  #left: { name: string; isOver: Promise<void> } | null = null;
  #present: Present[] = [];
  #failures = 0;
  #isRefused = false;
  #settling: 'no' | 'yes' | 'again' = 'no';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: TopicParts) {
    this.#parts = parts;
  }

  /** Answers how to stop. */
  listen(listener: TopicListener): () => void {
    this.#listeners.add(listener);
    if (this.#phase === 'live') listener.onPull?.();
    if (this.#present.length > 0) listener.onPresence?.(this.#present);
    this.settle();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#settleIn(lingerMs);
    };
  }

  /** To the others, at most once. */
  send(event: string, payload: Record<string, unknown>): void {
    this.#opened?.channel.send(event, payload);
  }

  /** What the others see of this tab; said again at each join. Frequent changes are merged. */
  track(meta: Record<string, unknown>): void {
    this.#presence.show(meta);
  }

  /** Messages may have been missed, and a connection that was waited for may be there again. */
  wake(): void {
    if (this.#listeners.size === 0) return;
    this.settle();
    this.#pull();
  }

  /** Brings the channel to what is wanted by now: the one of the present name, or none. */
  settle(): void {
    clearTimeout(this.#timer);
    if (this.#settling === 'no') void this.#settleUntilDone();
    else this.#settling = 'again';
  }

  async #settleUntilDone(): Promise<void> {
    do {
      this.#settling = 'yes';
      try {
        await this.#settleOnce();
      } catch {
        this.#fail();
      }
    } while (this.#isAskedAgain());
    this.#settling = 'no';
  }

  #isAskedAgain(): boolean {
    return this.#settling === 'again';
  }

  async #settleOnce(): Promise<void> {
    const isWanted = this.#listeners.size > 0;
    const name = isWanted ? await this.#parts.findName(this.#isRefused) : null;
    if (this.#opened !== null && this.#opened.name === name) return;
    this.#leave();
    if (!isWanted) this.#presence.forget();
    if (name === null) this.#enter(isWanted ? 'gone' : 'idle');
    else await this.#open(name);
  }

  async #open(name: string): Promise<void> {
    if (this.#phase === 'idle' || this.#phase === 'gone') this.#enter('joining');
    // Until it is left, another one of its name would be the same.
    if (this.#left?.name === name) await this.#left.isOver;
    const opening: { opened?: Opened; isBroken?: true } = {};
    const isPresent = (): boolean => opening.opened === undefined || opening.opened === this.#opened;
    const channel = await this.#parts.openChannel(name, this.#parts.presenceKey, {
      onStatus: (status, error) => {
        const verdict = judgeChannel(status, error);
        if (!isPresent()) return;
        if (verdict === 'joined') this.#join();
        else if (verdict === 'waiting') this.#lose();
        else {
          opening.isBroken = true;
          this.#break(status !== 'CLOSED');
        }
      },
      onMessage: (event, payload) => {
        if (!isPresent()) return;
        for (const listener of this.#listeners) listener.onMessage?.(event, payload);
      },
      onPresence: (present) => {
        if (isPresent()) this.#showPresent(present);
      },
    });
    opening.opened = { name, channel };
    this.#opened = opening.opened;
    if (opening.isBroken) this.#leave();
  }

  #join(): void {
    this.#failures = 0;
    this.#isRefused = false;
    this.#enter('live');
    this.#presence.begin();
    this.#pull();
  }

  #pull(): void {
    for (const listener of this.#listeners) listener.onPull?.();
  }

  #lose(): void {
    this.#presence.end();
    this.#enter('reconnecting');
    this.#showPresent([]);
  }

  /** The channel is of no use any more: another one, under the name of then. */
  #break(isRefused: boolean): void {
    this.#isRefused = isRefused;
    this.#leave();
    this.#fail();
  }

  #fail(): void {
    this.#failures += 1;
    this.#enter('reconnecting');
    this.#settleIn(retryDelayMs(this.#failures));
  }

  #settleIn(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.settle(), delayMs);
  }

  #leave(): void {
    if (this.#opened === null) return;
    const { name, channel } = this.#opened;
    this.#opened = null;
    this.#left = { name, isOver: channel.leave().catch(() => undefined) };
    this.#presence.end();
    this.#showPresent([]);
  }

  #showPresent(present: Present[]): void {
    if (present.length === 0 && this.#present.length === 0) return;
    this.#present = present;
    for (const listener of this.#listeners) listener.onPresence?.(present);
  }

  #enter(phase: TopicPhase): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.#parts.onPhase(phase);
  }
}
