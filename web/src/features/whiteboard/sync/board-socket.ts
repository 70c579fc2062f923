import type { TLPersistentClientSocket, TLSocketStatusChangeEvent } from '@tldraw/sync-core';
import type { BoardTimer } from './board-link.ts';
import type { BoardSync, SocketEvent } from './board-sync.ts';
import type { BoardDiff } from './tldraw-diffs.ts';

type Listener<Message> = (message: Message) => void;

/** What tldraw's client says. */
type ClientMessage =
  | { type: 'connect'; connectRequestId: string; schema: unknown; protocolVersion: number }
  | { type: 'push'; clientClock: number; diff?: BoardDiff }
  | { type: 'ping' };

type ServerMessage =
  | {
      type: 'connect';
      hydrationType: 'wipe_all';
      connectRequestId: string;
      protocolVersion: number;
      schema: unknown;
      diff: BoardDiff;
      serverClock: number;
      isReadonly: false;
    }
  | { type: 'data'; data: readonly SocketEvent[] }
  | { type: 'pong' };

/**
 * The server that tldraw's client believes to talk to: always there, in order, never forgetting. Whatever is lost or
 * offline beyond is `BoardSync`'s, so that the client never drops what it has pushed.
 */
export class BoardSocket implements TLPersistentClientSocket<ClientMessage, ServerMessage> {
  connectionStatus: 'online' | 'offline' | 'error' = 'online';
  readonly #heard = new Set<Listener<ServerMessage>>();
  readonly #statusHeard = new Set<Listener<TLSocketStatusChangeEvent>>();
  readonly #sync: () => BoardSync;
  readonly #timer: BoardTimer;
  #onBound: (() => void) | null = null;

  constructor(sync: () => BoardSync, timer: BoardTimer) {
    this.#timer = timer;
    this.#sync = sync;
  }

  sendMessage(message: ClientMessage): void {
    if (message.type === 'connect') this.#connect(message);
    else if (message.type === 'push') this.#push(message);
    else this.#tell({ type: 'pong' });
  }

  readonly onReceiveMessage = (listener: Listener<ServerMessage>): (() => void) => {
    this.#heard.add(listener);
    return () => this.#heard.delete(listener);
  };

  readonly onStatusChange = (listener: Listener<TLSocketStatusChangeEvent>): (() => void) => {
    this.#statusHeard.add(listener);
    return () => this.#statusHeard.delete(listener);
  };

  /** The next push says again what is in the queue already. Resolves when it came. */
  expectLeftWork(): Promise<void> {
    return new Promise((resolve) => {
      this.#onBound = resolve;
    });
  }

  expectNothing(): void {
    this.#onBound = null;
  }

  emit(events: readonly SocketEvent[]): void {
    this.#tell({ type: 'data', data: events });
  }

  /** tldraw's client found itself in disorder: it forgets what is pending, and pushes all of that anew. */
  restart(): void {
    this.connectionStatus = 'offline';
    this.#tellStatus('offline');
    this.#sync().work.leaveUnsent();
    this.#timer.after(restartMs, () => {
      if (this.connectionStatus !== 'offline') return;
      this.connectionStatus = 'online';
      this.#tellStatus('online');
    });
  }

  close(): void {
    this.connectionStatus = 'error';
    this.#heard.clear();
    this.#statusHeard.clear();
  }

  #connect({ connectRequestId, schema, protocolVersion }: ClientMessage & { type: 'connect' }): void {
    const { known } = this.#sync();
    this.#tell({
      type: 'connect',
      hydrationType: 'wipe_all',
      connectRequestId,
      protocolVersion,
      schema,
      diff: Object.fromEntries([...known.records].map(([id, record]) => [id, ['put', record]])),
      serverClock: known.clock,
      isReadonly: false,
    });
  }

  #push({ clientClock, diff }: ClientMessage & { type: 'push' }): void {
    const sync = this.#sync();
    if (this.#onBound !== null) {
      const resolve = this.#onBound;
      this.#onBound = null;
      if (!sync.work.bind(clientClock)) this.#answerNothing(clientClock);
      resolve();
    } else if (diff !== undefined) sync.push(diff, clientClock);
    else if (!sync.work.bind(clientClock)) this.#answerNothing(clientClock);
  }

  #answerNothing(clientClock: number): void {
    const serverClock = this.#sync().known.clock;
    this.emit([{ type: 'push_result', clientClock, serverClock, action: 'discard' }]);
  }

  #tell(message: ServerMessage): void {
    for (const listener of this.#heard) listener(message);
  }

  #tellStatus(status: 'online' | 'offline'): void {
    for (const listener of this.#statusHeard) listener({ status });
  }
}

const restartMs = 1_000;
