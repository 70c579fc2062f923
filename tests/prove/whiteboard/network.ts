import type { BoardChanged } from '../../../supabase/functions/_shared/contracts/whiteboard.ts';
import { AppError } from '../../../supabase/functions/_shared/errors.ts';
import type { BoardLink } from '../../../web/src/features/whiteboard/sync/board-link.ts';
import type { BoardServer } from './server.ts';
import type { World } from './world.ts';

type Heard = Parameters<BoardLink['listen']>[0];
export type Line = { userId: string; isOnline: boolean; isAlive: boolean; heard: Heard | null };

class NoConnection extends Error {}

/** Between tabs and the server: what passes is late, doubled, out of order or lost, as badly as the seed has it. */
export class Network {
  readonly lines = new Set<Line>();
  readonly faults: string[] = [];
  readonly #world: World;
  readonly #server: BoardServer;
  readonly #lossPercent: number;
  readonly #doublePercent: number;
  #isHealthy = false;
  #isServerUp = true;

  constructor(world: World, server: BoardServer) {
    this.#world = world;
    this.#server = server;
    this.#lossPercent = world.random.pick([0, 5, 15, 30]);
    this.#doublePercent = world.random.pick([0, 5, 20]);
  }

  heal(): void {
    this.#isHealthy = true;
    this.#isServerUp = true;
    for (const line of this.lines) this.connect(line);
  }

  connect(line: Line): void {
    line.isOnline = true;
    if (line.isAlive) line.heard?.onWake();
  }

  restartServer(ms: number): void {
    this.#isServerUp = false;
    this.#server.restart();
    this.#world.after(ms, () => {
      this.#isServerUp = true;
      for (const line of this.lines) if (line.isOnline) this.connect(line);
    });
  }

  linkFor(line: Line): BoardLink {
    this.lines.add(line);
    return {
      push: (batch) =>
        this.#request(line, async () => {
          const process = this.#world.random.below(2) === 0 ? 0 : 1;
          const answer = await this.#server.push(line.userId, batch, process);
          if (answer.isEffective && answer.diff !== null) await this.#spread(answer.clock);
          return answer;
        }),
      pull: (since) => this.#request(line, () => this.#server.pull(line.userId, since)),
      upgrade: () => this.#request(line, () => this.#server.upgrade(line.userId)),
      listen: (heard) => {
        line.heard = heard;
        return () => {
          line.heard = null;
        };
      },
      refusalOf: (error) => (error instanceof AppError ? { code: error.code, status: error.status } : null),
    };
  }

  #delayMs(): number {
    return this.#world.chance(this.#isHealthy ? 0 : 10)
      ? this.#world.between(300, 3_000)
      : this.#world.between(5, 120);
  }

  #isLost(): boolean {
    return !this.#isServerUp || (!this.#isHealthy && this.#world.chance(this.#lossPercent));
  }

  #isDoubled(): boolean {
    return !this.#isHealthy && this.#world.chance(this.#doublePercent);
  }

  #request<Answer>(line: Line, serve: () => Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const fail = (): void => {
        this.#world.after(2_000, () => reject(new NoConnection()));
      };
      if (!line.isOnline) {
        reject(new NoConnection());
        return;
      }
      if (this.#isDoubled())
        this.#world.after(this.#delayMs(), async () => void (await serve().catch(() => null)));
      this.#world.after(this.#delayMs(), async () => {
        if (this.#isLost()) {
          fail();
          return;
        }
        let settle: () => void;
        try {
          const answer = await serve();
          settle = () => resolve(answer);
        } catch (error) {
          if (!(error instanceof AppError)) this.faults.push(`The server failed: ${String(error)}`);
          settle = () => reject(error instanceof Error ? error : new Error(String(error)));
        }
        if (this.#isLost() || !line.isOnline) fail();
        else this.#world.after(this.#delayMs(), settle);
      });
    });
  }

  async #spread(clock: number): Promise<void> {
    const changed = await this.#server.told(clock);
    if (changed === null) throw new Error(`Nothing was told of tick ${clock}.`);
    for (const line of this.lines) {
      this.#deliver(line, changed);
      if (this.#isDoubled()) this.#deliver(line, changed);
    }
  }

  #deliver(line: Line, changed: BoardChanged): void {
    if (!line.isOnline || this.#isLost()) return;
    this.#world.after(this.#delayMs(), () => {
      if (line.isOnline && line.isAlive) line.heard?.onChanged(changed);
    });
  }
}
