import { z } from 'zod';

/** What happens to one record, as tldraw writes it: `['put', record]`, `['patch', diff]` or `['remove']`. */
const RecordOp = z.tuple([z.enum(['put', 'patch', 'remove'])]).rest(z.unknown());

const Diff = z.record(z.string(), RecordOp);

/**
 * What one tab did to a board since its last push: diffs in the order in which they were made. Sent again until it is
 * answered, under the same `clientClock`, and done once.
 */
export const PushBoard = z.object({
  boardId: z.uuid(),
  clientId: z.uuid(),
  clientClock: z.int().positive(),
  /** See `schemaVersionOf`. */
  schemaVersion: z.int().nonnegative(),
  diffs: z.array(Diff).max(1000),
});
export type PushBoard = z.infer<typeof PushBoard>;

/** Why a record is not as the push would have it; the rest of the push is. */
export const RefusedRecord = z.object({ id: z.string(), code: z.string() });
export type RefusedRecord = z.infer<typeof RefusedRecord>;

export const PushedBoard = z.object({
  /** The board's, after this push. */
  clock: z.int(),
  /** Whether that tick is this push's. */
  isEffective: z.boolean(),
  /** What it changed; null where it had been done before, which a pull tells. */
  diff: Diff.nullable(),
  refused: z.array(RefusedRecord),
});
export type PushedBoard = z.infer<typeof PushedBoard>;

/** A board's answer to what it was like since a clock: see `board_pull`. */
export const PulledBoard = z.object({
  clock: z.int(),
  schema_version: z.int(),
  wipe: z.boolean(),
  puts: z.array(z.looseObject({ id: z.string(), typeName: z.string() })),
  deletes: z.array(z.string()),
});
export type PulledBoard = z.infer<typeof PulledBoard>;

/** What is told on a board's topic: a change, or only that there is one to pull. */
export const BoardChanged = z.object({
  clock: z.int(),
  client_id: z.string().optional(),
  diff: Diff.optional(),
});
export type BoardChanged = z.infer<typeof BoardChanged>;

export const UpgradeBoard = z.object({ boardId: z.uuid(), schemaVersion: z.int().nonnegative() });
export type UpgradeBoard = z.infer<typeof UpgradeBoard>;

const VersionedSchema = z.object({ sequences: z.record(z.string(), z.int()) });

/** How new a serialized schema of tldraw's is: each migration adds one to its sum, so a newer one has a larger sum. */
export function schemaVersionOf(schema: unknown): number {
  const { sequences } = VersionedSchema.parse(schema);
  return Object.values(sequences).reduce((sum, version) => sum + version, 0);
}
