import { atom, transact } from '@tldraw/state';
import { TLSyncClient } from '@tldraw/sync-core';
import type { TLRecord, TLStore } from '@tldraw/tlschema';
import { schemaVersionOf } from '../../../../../supabase/functions/_shared/contracts/whiteboard.ts';
import { BoardSocket } from './board-socket.ts';
import type { StoredBatch } from './board-storage.ts';
import { BoardSync, type SocketParts } from './board-sync.ts';
import { applyOp, type BoardRecord, diffRecord } from './tldraw-diffs.ts';
import { undoOwn } from './undo-own.ts';

export type BoardParts = Omit<SocketParts, 'emit' | 'schemaVersion'> & {
  readonly store: TLStore;
};

export type OpenBoard = { readonly sync: BoardSync; readonly close: () => void };

/**
 * Fills a store with a board and keeps both the same, until closed. What earlier tabs left undone is done first. Waits
 * for the server only where this browser has never seen the board.
 */
export async function openBoard(parts: BoardParts, signal?: AbortSignal): Promise<OpenBoard | null> {
  const { store } = parts;
  const schemaVersion = schemaVersionOf(store.schema.serialize());
  const stored = await parts.storage.load();
  const socket: BoardSocket = new BoardSocket(() => sync, parts.timer);
  const sync: BoardSync = new BoardSync(
    { ...parts, schemaVersion, emit: (events) => socket.emit(events) },
    stored,
  );
  sync.wake();
  await Promise.race([sync.whenKnown(), whenAborted(signal)]);
  if (signal?.aborted === true) {
    sync.close();
    return null;
  }
  const client = new TLSyncClient<TLRecord>({
    store,
    socket,
    // Who is here is told beside the board, see `cursors`.
    presence: atom('presence', null),
    onLoad: () => undefined,
    onSyncError: () => undefined,
  });
  const bound = socket.expectLeftWork();
  if (redoLeftWork(store, stored.batches)) await Promise.race([bound, whenAborted(signal)]);
  else socket.expectNothing();
  undoOwn(store);
  return {
    sync,
    close: () => {
      client.close();
      sync.close();
      socket.close();
    },
  };
}

const whenAborted = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));

/** As if it were done now; answers whether that changed anything. */
function redoLeftWork(store: TLStore, batches: readonly StoredBatch[]): boolean {
  const ops = batches.flatMap(({ diffs }) => diffs.flatMap((diff) => Object.entries(diff)));
  const before = new Map(ops.map(([id]) => [id, store.get(asId(id))]));
  transact(() => {
    for (const [id, op] of ops) {
      const known = store.get(asId(id));
      const after = applyOp(known, op);
      try {
        if (after === undefined) store.remove([asId(id)]);
        else if (known === undefined || diffRecord(known, after) !== null) store.put([asRecord(after)]);
      } catch {
        // Of another version of tldraw; the server judges it as well.
      }
    }
  });
  return [...before].some(
    ([id, was]) => diffRecord({ record: was }, { record: store.get(asId(id)) }) !== null,
  );
}

/** Guarantee: ids of boards' records are of all types. */
function asId(id: string): TLRecord['id'] {
  return id as TLRecord['id'];
}

/** Guarantee: none; the store validates what is put into it. */
function asRecord(record: BoardRecord): TLRecord {
  return record as TLRecord;
}
