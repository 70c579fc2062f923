import {
  atom,
  createPresenceStateDerivation,
  InstancePresenceRecordType,
  react,
  type TLInstancePresence,
  type TLStore,
  UserRecordType,
} from 'tldraw';
import { z } from 'zod';
import { listenToTopic, tabKey } from '@/lib/live/listen-to-topic.ts';
import type { ShownBoard } from './use-board.ts';

/** No more often than a screen shows it well, and less where many would have to hear it. */
const paceMs = (people: number): number => Math.max(83, (people * people * 1_000) / 4_000);
const goneMs = 10_000;
const mostBytes = 50_000;

const Cursor = z.object({ clock: z.int(), record: z.looseObject({ id: z.string() }) });

const ownId = InstancePresenceRecordType.createId(tabKey);

type Viewer = { userId: string; name: string; color: string };

/**
 * Shows the cursors and selections of the others, and this one to them, until stopped. Nobody is told while alone. With
 * each comes how far its sender is, so that a change that was lost on the way is missed at once.
 */
export function showCursors(
  { store, sync }: ShownBoard,
  board: { organizationId: string; boardId: string },
  viewer: Viewer,
  onPeople: (count: number) => void,
): () => void {
  const seen = new Map<string, number>();
  const present = new Set<string>();
  const user = atom(
    'viewer',
    UserRecordType.create({ id: UserRecordType.createId(viewer.userId), ...viewer }),
  );
  const cursor = createPresenceStateDerivation(user, { instanceId: ownId })(store);
  const timers: { next?: ReturnType<typeof setTimeout> } = {};
  const send = (): void => {
    delete timers.next;
    const record = cursor.get();
    if (present.size > 1 && record !== null)
      handle.send('cursor', { clock: sync.known.clock, record: slim(record) });
  };
  const forget = (ids: readonly string[]): void => {
    for (const id of ids) seen.delete(id);
    const gone = store.allRecords().filter((record) => ids.includes(record.id));
    if (gone.length > 0) store.mergeRemoteChanges(() => store.remove(gone.map(({ id }) => id)));
  };
  const handle = listenToTopic(
    { of: 'board', stream: 'people', ...board },
    {
      onMessage: (event, payload) => {
        const told = event === 'cursor' ? Cursor.safeParse(payload).data : undefined;
        if (told === undefined || told.record.id === ownId) return;
        sync.hear({ clock: told.clock });
        if (putCursor(store, told.record)) seen.set(told.record.id, Date.now());
      },
      onPresence: (people) => {
        const keys = people.map(({ key }) => key);
        const isNew = keys.some((key) => !present.has(key));
        forget([...seen.keys()].filter((id) => !keys.some((key) => id.endsWith(key))));
        present.clear();
        for (const key of keys) present.add(key);
        onPeople(Math.max(1, present.size));
        if (isNew) send();
      },
    },
  );
  handle.track(viewer);
  const stopFollowing = react('cursor', () => {
    cursor.get();
    timers.next ??= setTimeout(send, paceMs(present.size));
  });
  const sweep = setInterval(() => {
    const now = Date.now();
    forget([...seen].flatMap(([id, at]) => (now - at > goneMs ? [id] : [])));
  }, goneMs / 5);
  return () => {
    clearInterval(sweep);
    clearTimeout(timers.next);
    stopFollowing();
    handle.stop();
    forget([...seen.keys()]);
  };
}

/** Of what someone else's tab says only what tldraw takes for a cursor. */
function putCursor(store: TLStore, record: { id: string }): boolean {
  try {
    const cursor = InstancePresenceRecordType.validate(record);
    store.mergeRemoteChanges(() => store.put([cursor]));
    return true;
  } catch {
    return false;
  }
}

/** Selections of thousands are more than a message holds. */
function slim(record: TLInstancePresence): TLInstancePresence {
  return JSON.stringify(record).length < mostBytes
    ? record
    : { ...record, selectedShapeIds: [], scribbles: [] };
}
