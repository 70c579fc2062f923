import type { AuditEntry } from './audit-log-queries.ts';

/** The nouns that the log knows, as the interface calls them. */
export const subjectNames: Readonly<Record<string, string>> = {
  organization: 'Organization',
  member: 'Member',
  invitation: 'Invitation',
  project: 'Project',
  proxy_key: 'Proxy key',
  provider_credential: 'Provider credential',
  plan_override: 'Plan exception',
};

export type Change = { field: string; before: string | undefined; after: string | undefined };

/** `Project · created`: what happened, without who and when. */
export function describeAction({
  subject_type,
  action,
}: Pick<AuditEntry, 'subject_type' | 'action'>): string {
  const noun = subjectNames[subject_type] ?? subject_type.replaceAll('_', ' ');
  return `${noun} ${action.slice(action.lastIndexOf('.') + 1)}`;
}

const naming = ['name', 'email', 'slug', 'resource', 'public_id'];

/** What the entry is about, in the words that people gave it. */
export function describeSubject({
  before,
  after,
  subject_id,
}: Pick<AuditEntry, 'before' | 'after' | 'subject_id'>): string {
  const row = { ...toRow(before), ...toRow(after) };
  const name = naming.map((field) => row[field]).find((value) => typeof value === 'string' && value !== '');
  return typeof name === 'string' ? name : subject_id;
}

/** The fields that differ, in the order in which the row has them. */
export function changesOf({ before, after }: Pick<AuditEntry, 'before' | 'after'>): Change[] {
  const [old, now] = [toRow(before), toRow(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .map((field) => ({ field, before: toText(old[field]), after: toText(now[field]) }))
    .filter((change) => change.before !== change.after);
}

function toRow(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function toText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
