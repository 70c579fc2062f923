import { z } from 'zod';
import { boardSchema } from './board-schema.ts';

export const BoardRecord = z.looseObject({ id: z.string().min(1).max(200), typeName: z.string() });
export type BoardRecord = z.infer<typeof BoardRecord>;

export type RecordFault = 'record_invalid' | 'record_too_large';

const maxRecordBytes = 256 * 1024;

/** `length`: of all that had to be looked at for it. */
export interface RecordJudgement {
  readonly fault: RecordFault | null;
  readonly length: number;
}

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

/** Whether a record can be on a board under this id. */
export function judgeRecord(id: string, record: unknown): RecordJudgement {
  let length = 0;
  try {
    const { id: own, typeName } = BoardRecord.parse(record);
    const text = JSON.stringify(record);
    length = text.length;
    if (length > maxRecordBytes) return { fault: 'record_too_large', length };
    const validate = types.get(typeName);
    if (own !== id || validate === undefined || unstorable.test(text))
      return { fault: 'record_invalid', length };
    validate(record);
    const isTooLarge = new TextEncoder().encode(text).byteLength > maxRecordBytes;
    return { fault: isTooLarge ? 'record_too_large' : null, length };
  } catch {
    // tldraw's validators throw, and so does what is nested too deeply to be written.
    return { fault: 'record_invalid', length };
  }
}
