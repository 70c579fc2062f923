import { HistoryManager } from '@tldraw/editor';
import type { TLRecord, TLStore } from '@tldraw/tlschema';
import type { BoardStatus } from '../../../web/src/features/whiteboard/sync/board-sync.ts';
import type { BoardStorage } from '../../../web/src/features/whiteboard/sync/board-storage.ts';
import { indexedStorage } from '../../../web/src/features/whiteboard/sync/indexed-storage.ts';
import { openBoard, type OpenBoard } from '../../../web/src/features/whiteboard/sync/open-board.ts';
import { makeBoardStore, makeBox, makeNote, makeStroke } from '../../support/board-shapes.ts';
import type { Line, Network } from './network.ts';
import { UndoWatch } from './undo-watch.ts';
import type { World } from './world.ts';

export type Tab = {
  id: string;
  store: TLStore;
  /** Begins where the tab shows the board, as the editor's does. */
  history: HistoryManager<TLRecord> | null;
  undo: UndoWatch;
  board: OpenBoard | null;
  line: Line;
  status: BoardStatus | null;
};

export type Facts = {
  /** What was done, by a key that nobody else writes: made, stored in the browser, or answered by the server. */
  readonly made: Set<string>;
  readonly stored: Set<string>;
  readonly answered: Set<string>;
  readonly refused: Set<string>;
  readonly faults: string[];
  pushes: number;
};

/** Someone at a browser: tabs that are opened, drawn in, and killed; what the browser has stored stays. */
export class Person {
  readonly tabs: Tab[] = [];
  readonly #world: World;
  readonly #network: Network;
  readonly #facts: Facts;
  readonly #userId: string;
  readonly #browserId: string;
  readonly #boardId: string;
  readonly #openTabs = new Set<string>();

  constructor(options: {
    world: World;
    network: Network;
    facts: Facts;
    userId: string;
    browserId: string;
    boardId: string;
  }) {
    this.#world = options.world;
    this.#network = options.network;
    this.#facts = options.facts;
    this.#userId = options.userId;
    this.#browserId = options.browserId;
    this.#boardId = options.boardId;
  }

  /** Resolves when there is something to draw on, which without a connection may be never. */
  open(isOnline: boolean): void {
    const id = this.#newId();
    const store = makeBoardStore();
    const line: Line = { userId: this.#userId, isOnline, isAlive: true, heard: null };
    const tab: Tab = {
      id,
      store,
      history: null,
      undo: new UndoWatch(store),
      board: null,
      line,
      status: null,
    };
    this.tabs.push(tab);
    this.#openTabs.add(id);
    void openBoard({
      store,
      link: this.#watched(this.#network.linkFor(line)),
      storage: this.#storageOf(id),
      timer: this.#world.timerFor(() => line.isAlive),
      newId: () => this.#newId(),
      boardId: this.#boardId,
      paceMs: () => 100,
      onStatus: (status) => {
        tab.status = status;
      },
      onRefused: (refused) => {
        for (const { id: record } of refused) this.#facts.refused.add(record);
      },
    }).then(
      (board) => {
        if (!line.isAlive) board?.close();
        else {
          tab.board = board;
          tab.history = new HistoryManager<TLRecord>({ store });
        }
      },
      (error: unknown) => this.#facts.faults.push(`A board did not open: ${String(error)}`),
    );
  }

  /** As when the browser dies: nothing is said or stored any more. */
  kill(tab: Tab): void {
    tab.line.isAlive = false;
    tab.line.isOnline = false;
    this.#openTabs.delete(tab.id);
    this.#network.lines.delete(tab.line);
    tab.board?.close();
    this.tabs.splice(this.tabs.indexOf(tab), 1);
  }

  killAll(): void {
    for (const tab of this.tabs.slice()) this.kill(tab);
  }

  /** Something that people do, in one of the tabs. */
  act(tab: Tab): void {
    const { store, history, undo } = tab;
    if (history === null) return;
    const deed = this.#world.random.below(100);
    const shape = this.#someShape(store);
    undo.watch(() => {
      if (deed < 12) mark(history, this.#world.name('mark'));
      if (deed < 25 || shape === null) this.#add(store);
      else if (deed < 55) this.#change(store, shape);
      else if (deed < 65) store.remove([shape.id]);
      else if (deed < 90) this.#leaveMark(store, history);
      else if (deed < 92) store.put([{ ...shape, meta: { ...shape.meta, heap: 'x'.repeat(300_000) } }]);
    });
    if (deed >= 92)
      this.#facts.faults.push(...undo.check(() => (deed < 97 ? history.undo() : history.redo())));
  }

  #add(store: TLStore): void {
    const { random } = this.#world;
    const parentId = random.pick(['page:vision', 'page:goals', 'page:rules']);
    const make = random.pick([makeNote, makeStroke, makeBox]);
    store.put([
      make(this.#world.name('shape:'), { parentId, x: this.#world.number(), y: this.#world.number() }),
    ]);
  }

  #change(store: TLStore, shape: Extract<TLRecord, { typeName: 'shape' }>): void {
    const { random } = this.#world;
    if (shape.type === 'draw' && random.below(2) === 0) {
      const segments = shape.props.segments.map((segment) => ({
        ...segment,
        path: `${segment.path}${this.#world.name('p')}`,
      }));
      store.put([{ ...shape, props: { ...shape.props, segments } }]);
      return;
    }
    const kind = random.below(4);
    if (kind === 0) store.put([{ ...shape, x: this.#world.number() }]);
    else if (kind === 1) store.put([{ ...shape, y: this.#world.number(), rotation: this.#world.number() }]);
    else if (kind === 2)
      store.put([
        { ...shape, meta: { ...shape.meta, [random.pick(['a', 'b', 'c'])]: this.#world.number() } },
      ]);
    else if (shape.type === 'geo')
      store.put([{ ...shape, props: { ...shape.props, w: this.#world.number() } }]);
  }

  /** On the document itself, under a key of its own, and out of reach of undo: it has to be there in the end. */
  #leaveMark(store: TLStore, history: HistoryManager<TLRecord>): void {
    const document = store.allRecords().find((record) => record.typeName === 'document');
    if (document === undefined) return;
    const key = this.#world.name('did');
    this.#facts.made.add(key);
    const leave = (): void => store.put([{ ...document, meta: { ...document.meta, [key]: 1 } }]);
    history.batch(leave, { history: 'ignore' });
  }

  #someShape(store: TLStore): Extract<TLRecord, { typeName: 'shape' }> | null {
    const shapes = store.allRecords().filter((record) => record.typeName === 'shape');
    shapes.sort((a, b) => (a.id < b.id ? -1 : 1));
    return shapes[this.#world.random.below(Math.max(1, shapes.length))] ?? null;
  }

  #watched(link: ReturnType<Network['linkFor']>): ReturnType<Network['linkFor']> {
    return {
      ...link,
      push: async (batch) => {
        const answer = await link.push(batch);
        this.#facts.pushes += 1;
        for (const key of marksIn(batch.diffs)) this.#facts.answered.add(key);
        return answer;
      },
    };
  }

  #storageOf(tabId: string): BoardStorage {
    const storage = indexedStorage({
      userId: this.#browserId,
      boardId: this.#boardId,
      tabId,
      schemaVersion: 134,
      isOpen: async (other) => this.#openTabs.has(other),
    });
    return {
      load: () => this.#world.writing(storage.load()),
      save: async (change) => {
        if (!this.#openTabs.has(tabId)) return;
        await this.#world.writing(storage.save(change));
        for (const { diffs } of change.batches) for (const key of marksIn(diffs)) this.#facts.stored.add(key);
      },
      close: () => storage.close(),
    };
  }

  #newId(): string {
    const { random } = this.#world;
    const digits = Array.from({ length: 32 }, () => random.below(16).toString(16)).join('');
    return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`;
  }
}

const marksIn = (diffs: unknown): string[] => JSON.stringify(diffs).match(/did\d+/g) ?? [];

/** Where undo stops. */
const mark = (history: HistoryManager<TLRecord>, id: string): void => withMarks(history)._mark(id);

/** Guarantee: tldraw's editor calls it; it is not declared. */
function withMarks(history: unknown): { _mark: (id: string) => void } {
  return history as { _mark: (id: string) => void };
}
