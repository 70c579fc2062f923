import { nextPresenceCallAt } from './next-presence-call.ts';

/** Says what a tab shows of itself at each join, and later changes as fast as the server bears them. */
export class PresencePace {
  readonly #send: (meta: Record<string, unknown>) => void;
  #meta: Record<string, unknown> | null = null;
  #calls: number[] = [];
  #isJoined = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (meta: Record<string, unknown>) => void) {
    this.#send = send;
  }

  show(meta: Record<string, unknown>): void {
    this.#meta = meta;
    this.#plan();
  }

  /** Joined: the others know nothing of this tab yet. */
  begin(): void {
    this.#isJoined = true;
    this.#plan();
  }

  /** Nobody is left here who could be seen. */
  forget(): void {
    this.#meta = null;
  }

  end(): void {
    this.#isJoined = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #plan(): void {
    if (!this.#isJoined || this.#meta === null || this.#timer !== undefined) return;
    const now = Date.now();
    this.#timer = setTimeout(() => this.#call(), nextPresenceCallAt(this.#calls, now) - now);
  }

  #call(): void {
    this.#timer = undefined;
    if (this.#meta === null) return;
    this.#calls = [...this.#calls, Date.now()].slice(-8);
    this.#send(this.#meta);
  }
}
