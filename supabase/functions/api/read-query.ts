import type { z } from 'zod';
import { AppError } from '../_shared/errors.ts';

/** The query string by its schema; throws `invalid_request` with the first complaint. */
export function readQuery<Schema extends z.ZodType>(url: string, schema: Schema): z.infer<Schema> {
  const parsed = schema.safeParse(Object.fromEntries(new URL(url).searchParams));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new AppError('invalid_request', { param: issue?.path.join('.') ?? '', reason: issue?.message });
}
