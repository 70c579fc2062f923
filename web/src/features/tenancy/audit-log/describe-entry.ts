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
  budget: 'Budget',
  freeze: 'Freeze',
  budget_request: 'Budget request',
  statement: 'Statement',
  rate_limit: 'Rate limit',
  model_alias: 'Model alias',
  billing_key: 'Billing key',
  organization_price: 'Price',
  repricing: 'Pricing again',
  alert_channel: 'Alert channel',
  reporting_login: 'SQL login',
  saved_report: 'Report',
  agent: 'Agent',
  board: 'Board',
};

export type Change = { field: string; before: string | undefined; after: string | undefined };

type Described = Pick<AuditEntry, 'subject_type' | 'action' | 'before' | 'after'>;

/** `Proxy key revoked`: what happened, without who and when. */
export function describeAction(entry: Described): string {
  const noun = subjectNames[entry.subject_type] ?? entry.subject_type.replaceAll('_', ' ');
  const verb = entry.action.slice(entry.action.lastIndexOf('.') + 1);
  return `${noun} ${verb === 'changed' ? describeChange(entry) : verb}`;
}

/** Some changes have a name of their own. */
function describeChange({ subject_type, before, after }: Described): string {
  const fields = changesOf({ before, after }).map(({ field }) => field);
  const [old, now] = [toRow(before), toRow(after)];
  if (fields.includes('revoked_at')) return 'revoked';
  if (fields.includes('accepted_at')) return 'accepted';
  if (fields.includes('rotated_at')) return 'rotated';
  if (fields.includes('paused_at')) return now['paused_at'] ? 'paused' : 'resumed';
  if (fields.includes('body_logging'))
    return `set to log ${bodyWords[toText(now['body_logging']) ?? ''] ?? 'bodies'}`;
  if (fields.includes('archived_at')) return now['archived_at'] ? 'archived' : 'restored';
  if (fields.includes('is_active')) return now['is_active'] === true ? 'enabled' : 'disabled';
  if (fields.includes('is_locked')) return now['is_locked'] === true ? 'locked' : 'unlocked';
  if (subject_type === 'member') return `made ${toText(now['role'])}`;
  return fields.length === 1 && old['name'] !== now['name'] ? 'renamed' : 'changed';
}

const bodyWords: Readonly<Record<string, string>> = {
  none: 'no bodies',
  redacted: 'redacted bodies',
  full: 'full bodies',
};

const naming = ['name', 'email', 'slug', 'resource', 'public_id', 'scope_id', 'month', 'model', 'provider'];

/** What a plan limits, as people say it. */
const resourceNames: Readonly<Record<string, string>> = {
  ai_budget_usd_month: 'AI budget a month',
  api_access: 'API access',
  board_exports: 'Exports of boards',
  board_image_mb: 'MB of images on boards',
  board_images: 'Images on boards',
  board_versions: 'Versions of boards',
  boards: 'Boards',
  history_days: 'Days of history',
  members: 'Members',
  providers: 'Providers',
  signed_webhooks: 'Signed webhooks',
  tasks_at_once: 'Tasks at once',
  tasks_month: 'Tasks a month',
};

/** What the entry is about, in the words that people gave it. `names` are those of people and things by their id. */
export function describeSubject(
  { before, after, subject_id, subject_type }: Omit<Described, 'action'> & Pick<AuditEntry, 'subject_id'>,
  names: ReadonlyMap<string, string>,
): string {
  if (subject_type === 'member') return names.get(subject_id) ?? 'Former member';
  const row = { ...toRow(before), ...toRow(after) };
  const name = naming.map((field) => row[field]).find((value) => typeof value === 'string' && value !== '');
  if (typeof name !== 'string') return subject_id;
  if (subject_type === 'plan_override') return resourceNames[name] ?? name.replaceAll('_', ' ');
  return names.get(name) ?? name;
}

/** Says what the entry says already. */
const redundant = ['organization_id', 'created_at'];

/** The fields that differ, in the order in which the row has them. */
export function changesOf({ before, after }: Pick<AuditEntry, 'before' | 'after'>): Change[] {
  const [old, now] = [toRow(before), toRow(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .map((field) => ({ field, before: toText(old[field]), after: toText(now[field]) }))
    .filter((change) => change.before !== change.after && !redundant.includes(change.field));
}

function toRow(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function toText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
