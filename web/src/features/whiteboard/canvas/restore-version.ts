import type { Editor, SerializedSchema, SerializedStore, TLRecord } from 'tldraw';
import { unwrap } from '@/lib/errors.ts';
import { supabase } from '@/lib/supabase.ts';

/** Brings the board to a version, as a change like any other: all see it, and undo takes it back. */
export async function restoreVersion({ id }: { id: string }, editor: Editor): Promise<void> {
  const [version] = unwrap(await supabase().from('board_snapshots').select('records, schema').eq('id', id));
  const { store } = editor;
  const records = asRecords(version?.records);
  const migrated = store.schema.migrateStoreSnapshot({
    store: asStore(Object.fromEntries(records.map((record) => [record.id, record]))),
    // Kept before the board was first drawn on: what every version of tldraw reads.
    schema: asSchema(version?.schema ?? store.schema.serialize()),
  });
  if (migrated.type === 'error') throw new Error('This version is of a tldraw that is too old or too new.');
  const restored = Object.values(migrated.value);
  const kept = new Set<string>(restored.map((record) => record.id));
  const gone = Object.values(store.serialize('document')).filter((record) => !kept.has(record.id));
  editor.markHistoryStoppingPoint('restore version');
  editor.run(
    () => {
      store.put(restored);
      store.remove(gone.map((record) => record.id));
    },
    { ignoreShapeLock: true },
  );
}

/** Guarantee: `save_board_snapshot` keeps what the board held, which the function had validated. */
function asRecords(records: unknown): readonly TLRecord[] {
  return (records ?? []) as readonly TLRecord[];
}

/** Guarantee: records by their ids. */
function asStore(records: unknown): SerializedStore<TLRecord> {
  return records as SerializedStore<TLRecord>;
}

/** Guarantee: it was stored by the function that brings boards up to date. */
function asSchema(schema: unknown): SerializedSchema {
  return schema as SerializedSchema;
}
