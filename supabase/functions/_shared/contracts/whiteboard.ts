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

/** What is told on a board's topic: changes up to this clock, or, without them, that there is something to pull. */
export const BoardChanged = z.object({
  clock: z.int(),
  changes: z.array(z.object({ clock: z.int(), diff: Diff })).optional(),
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

export const ImageType = z.enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

const maxImageBytes = 10 * 1024 * 1024;

export const UploadImage = z.object({
  boardId: z.uuid(),
  type: ImageType,
  bytes: z.int().positive().max(maxImageBytes, 'An image has 10 MB at most.'),
});
export type UploadImage = z.infer<typeof UploadImage>;

/** Where the image goes, and what lets it in there, once. */
export const UploadedImage = z.object({ bucket: z.string(), path: z.string(), token: z.string() });

export const SignImage = z.object({ boardId: z.uuid(), path: z.string().max(200) });

/** An address that shows the image for an hour. */
export const BoardImage = z.object({ url: z.url() });

export const NoteColor = z.enum([
  'black',
  'grey',
  'light-violet',
  'violet',
  'blue',
  'light-blue',
  'yellow',
  'orange',
  'green',
  'light-green',
  'light-red',
  'red',
  'white',
]);
export type NoteColor = z.infer<typeof NoteColor>;

const NoteText = z.string().trim().min(1, 'Write something on it.').max(10_000);

export const AddNote = z.object({
  boardId: z.uuid(),
  /** The name of a page of the board, whatever its case. */
  tab: z.string().trim().min(1).max(100),
  text: NoteText,
  color: NoteColor.default('yellow'),
});
export type AddNote = z.infer<typeof AddNote>;

/** What is left out stays. */
export const ChangeNote = z.object({
  boardId: z.uuid(),
  noteId: z.string().max(200),
  text: NoteText.optional(),
  color: NoteColor.optional(),
});
export type ChangeNote = z.infer<typeof ChangeNote>;

export const RemoveNote = z.object({ boardId: z.uuid(), noteId: z.string().max(200) });
export type RemoveNote = z.infer<typeof RemoveNote>;

export const WrittenNote = z.object({ noteId: z.string() });
export type WrittenNote = z.infer<typeof WrittenNote>;
