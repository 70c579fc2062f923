import type { AuditEntry } from './audit-log-queries.ts';
import { describeSubject } from './describe-entry.ts';
import { useNames } from './use-names.ts';

export function Subject({ entry }: { entry: AuditEntry }) {
  return describeSubject(entry, useNames());
}
