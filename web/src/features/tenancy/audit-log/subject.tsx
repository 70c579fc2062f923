import type { AuditEntry } from './audit-log-queries.ts';
import { describeSubject } from './describe-entry.ts';
import { usePeople } from './use-people.ts';

export function Subject({ entry }: { entry: AuditEntry }) {
  return describeSubject(entry, usePeople());
}
