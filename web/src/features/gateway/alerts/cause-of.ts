import type { Alert } from '@contracts/alerts.ts';
import { addDays, dayIn } from '@/lib/dates.ts';
import { isUuid } from '@/lib/is-uuid.ts';
import { paths } from '@/lib/paths.ts';
import { usagePath } from '../usage/usage-filters.ts';

export type Cause = { label: string; to: string };

type Caused = Pick<Alert, 'kind' | 'subject_id' | 'facts' | 'created_at'>;

/** Where one sees what an alert is about. */
export function causeOf(alert: Caused, { slug, timeZone }: { slug: string; timeZone: string }): Cause | null {
  const { kind, subject_id: subjectId, facts } = alert;
  const day = dayIn(timeZone, new Date(alert.created_at));
  // An hour may have begun the day before.
  const days = { from: addDays(day, -1), to: day };
  const idIn = (name: string): string[] => {
    const value = facts[name];
    return typeof value === 'string' && isUuid(value) ? [value] : [];
  };
  switch (kind) {
    case 'budget_threshold':
      return { label: 'Open the budget', to: paths.budget(slug, subjectId) };
    case 'spend_anomaly':
      return { label: 'See the calls', to: usagePath(slug, { ...days, keys: idIn('proxy_key_id') }) };
    case 'error_rate':
      return {
        label: 'See the failed calls',
        to: usagePath(slug, { ...days, statuses: ['failed', 'expired'] }),
      };
    case 'credential_failing':
      return { label: 'Open the credentials', to: paths.providers(slug) };
    case 'unpriced_model':
      return { label: 'See its calls', to: usagePath(slug, { models: [modelIn(facts)] }) };
    case 'key_expiring': {
      const [projectId] = idIn('project_id');
      return { label: 'Open the key', to: projectId ? paths.project(slug, projectId) : paths.projects(slug) };
    }
    case 'weekly_report':
      return { label: 'See its calls', to: usagePath(slug, daysIn(facts)) };
    case 'channel_paused':
      return { label: 'Open the channels', to: paths.alertChannels(slug) };
    case 'reconciliation_drift':
      return {
        label: 'Compare bill and ledger',
        to: paths.reconciliationDay(slug, String(facts['provider']), String(facts['day'])),
      };
    default:
      return null;
  }
}

/** An address with days that are none would be refused: then all days are meant. */
const daysIn = ({ first_day: from, last_day: to }: Alert['facts']): { from?: string; to?: string } =>
  typeof from === 'string' && typeof to === 'string' ? { from, to } : {};

const modelIn = ({ model }: Alert['facts']): string => (typeof model === 'string' ? model : '');
