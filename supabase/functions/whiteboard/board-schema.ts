import { createTLSchema, type TLRecord } from '@tldraw/tlschema';
import { schemaVersionOf } from '../_shared/contracts/whiteboard.ts';
import type { SerializedSchema, SerializedStore } from '@tldraw/store';

/** tldraw's own: what a record of each type must be like. */
export const boardSchema = createTLSchema();

export const schemaVersion = schemaVersionOf(boardSchema.serialize());

/** Guarantee: it was stored by `upgradeBoard`. */
export function asSerializedSchema(schema: unknown): SerializedSchema {
  return schema as SerializedSchema;
}

/** Guarantee: records by their ids; whether they are tldraw's, migrating finds out. */
export function asSerializedStore(records: unknown): SerializedStore<TLRecord> {
  return records as SerializedStore<TLRecord>;
}
