import { z } from 'zod';
import { boardSchema } from './board-schema.ts';

export const BoardRecord = z.looseObject({ id: z.string().min(1).max(200), typeName: z.string() });
export type BoardRecord = z.infer<typeof BoardRecord>;

export type RecordFault = 'record_invalid' | 'record_too_large';

const maxRecordBytes = 256 * 1024;

/** What tldraw keeps in documents; the rest is of one person's screen. */
const types = new Map(
  Object.values(boardSchema.types).flatMap((type) =>
    type.scope === 'document'
      ? [[String(type.typeName), (record: unknown) => void type.validate(record)] as const]
      : [],
  ),
);

/** A null byte, or half of a character: Postgres stores neither. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i;

/** Why a record cannot be on a board under this id; null: it can. */
export function judgeRecord(id: string, record: unknown): RecordFault | null {
  try {
    const { id: own, typeName } = BoardRecord.parse(record);
    const text = JSON.stringify(record);
    if (text.length > maxRecordBytes) return 'record_too_large';
    const validate = types.get(typeName);
    if (own !== id || validate === undefined || unstorable.test(text)) return 'record_invalid';
    validate(record);
    return new TextEncoder().encode(text).byteLength > maxRecordBytes ? 'record_too_large' : null;
  } catch {
    // tldraw's validators throw, and so does what is nested too deeply to be written.
    return 'record_invalid';
  }
}
