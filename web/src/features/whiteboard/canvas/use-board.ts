import { useEffect, useRef, useState } from 'react';
import { createTLSchema } from '@tldraw/tlschema';
import { createTLStore, type TLStore } from 'tldraw';
import { schemaVersionOf, type RefusedRecord } from '@contracts/whiteboard.ts';
import { useUserId } from '@/lib/session.tsx';
import type { Board } from '../boards/board-queries.ts';
import { realTimer } from '../sync/board-link.ts';
import type { BoardStatus, BoardSync } from '../sync/board-sync.ts';
import { indexedStorage } from '../sync/indexed-storage.ts';
import { openBoard } from '../sync/open-board.ts';
import { pushPaceMs } from '../sync/push-pace.ts';
import { imageStore } from './image-store.ts';
import { makeBoardLink } from './make-board-link.ts';
import { holdTab, isTabOpen } from './tab-locks.ts';

export type ShownBoard = {
  readonly store: TLStore;
  readonly sync: BoardSync;
};

export type BoardView = {
  /** Null until there is something to show. */
  readonly shown: ShownBoard | null;
  readonly status: BoardStatus;
  readonly error: unknown;
};

const initially: BoardStatus = { problem: null, isOffline: false, isSaving: false };

/** Keeps a board open while the component is there. What is unsent when it goes is sent all the same. */
export function useBoard(
  { id: boardId, organization_id: organizationId }: Board,
  heard: {
    onSettings: () => void;
    onRefused: (refused: readonly RefusedRecord[]) => void;
    people: () => number;
  },
): BoardView {
  const userId = useUserId();
  const [shown, setShown] = useState<ShownBoard | null>(null);
  const [status, setStatus] = useState<BoardStatus>(initially);
  const [error, setError] = useState<unknown>(null);
  const latest = useRef(heard);
  useEffect(() => {
    latest.current = heard;
  });
  useEffect(() => {
    const gone = new AbortController();
    const parts = { boardId, organizationId, userId };
    const closing = open(parts, gone.signal, {
      onShown: setShown,
      onStatus: setStatus,
      onSettings: () => latest.current.onSettings(),
      onRefused: (refused) => latest.current.onRefused(refused),
      people: () => latest.current.people(),
    });
    closing.catch((reason: unknown) => {
      if (!gone.signal.aborted) setError(reason);
    });
    return () => {
      gone.abort();
      setShown(null);
      void closing.then(
        (close) => close(),
        () => undefined,
      );
    };
  }, [boardId, organizationId, userId]);
  return { shown, status, error };
}

type Heard = {
  onShown: (shown: ShownBoard) => void;
  onStatus: (status: BoardStatus) => void;
  onSettings: () => void;
  onRefused: (refused: readonly RefusedRecord[]) => void;
  people: () => number;
};

/** Answers how to close it. */
async function open(
  { boardId, organizationId, userId }: { boardId: string; organizationId: string; userId: string },
  signal: AbortSignal,
  heard: Heard,
): Promise<() => void> {
  const tabId = crypto.randomUUID();
  const release = await holdTab(tabId);
  const schema = createTLSchema();
  const store = createTLStore({ schema, assets: imageStore(boardId) });
  const schemaVersion = schemaVersionOf(schema.serialize());
  const latest: { status: BoardStatus; onSaved: (() => void) | null } = { status: initially, onSaved: null };
  const board = await openBoard(
    {
      store,
      link: makeBoardLink({ organizationId, boardId }, heard.onSettings),
      storage: indexedStorage({ userId, boardId, tabId, schemaVersion, isOpen: isTabOpen }),
      timer: realTimer,
      newId: () => crypto.randomUUID(),
      boardId,
      paceMs: () => pushPaceMs(heard.people()),
      onStatus: (status) => {
        latest.status = status;
        if (!status.isSaving) latest.onSaved?.();
        if (!signal.aborted) heard.onStatus(status);
      },
      onRefused: heard.onRefused,
    },
    signal,
  );
  if (board === null) {
    release();
    return () => undefined;
  }
  const saveNow = (): void => void board.sync.save();
  window.addEventListener('pagehide', saveNow);
  if (!signal.aborted) heard.onShown({ store, sync: board.sync });
  return () => {
    window.removeEventListener('pagehide', saveNow);
    const close = (): void => {
      board.close();
      release();
    };
    if (!latest.status.isSaving) close();
    else latest.onSaved = close;
  };
}
