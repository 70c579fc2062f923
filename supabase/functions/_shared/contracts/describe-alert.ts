import type { Alert } from './alerts.ts';
import { describeWeeklyReport } from './describe-weekly-report.ts';
import { dollarsIn as dollars, textIn as text } from './read-facts.ts';

export interface AlertWords {
  /** One line: what happened to what. */
  readonly title: string;
  /** What it means, and what to do. */
  readonly detail: string;
}

type Facts = Alert['facts'];

/** An alert for people, the same in the app, in mails and in chats. */
export function describeAlert({ kind, facts }: Pick<Alert, 'kind' | 'facts'>): AlertWords {
  const words = Object.hasOwn(describers, kind) ? describers[kind] : undefined;
  return words?.(facts) ?? { title: kind.replaceAll('_', ' '), detail: '' };
}

const describers: Readonly<Record<string, (facts: Facts) => AlertWords>> = {
  budget_threshold: (facts) => ({
    title: `${periodOf(facts)} budget of ${text(facts, 'scope_name')} is ${text(facts, 'percent')}% used`,
    detail: `${dollars(facts, 'spent_usd')} of ${dollars(facts, 'limit_usd')} is spent. ${whenFull(facts)}`,
  }),
  spend_anomaly: (facts) => ({
    title: `${dollars(facts, 'spent_usd')} in one hour, where ${dollars(facts, 'usual_usd')} is usual`,
    detail: `Most of it, ${dollars(facts, 'dearest_usd')}, went to ${text(facts, 'model')} with the key ${text(facts, 'proxy_key') || 'that was deleted'}.`,
  }),
  error_rate: (facts) => ({
    title: `${percent(facts)} of calls to ${providerName(facts)} failed`,
    detail: `${text(facts, 'errors')} of ${text(facts, 'calls')} calls within an hour.`,
  }),
  credential_failing: (facts) => ({
    title: `${providerName(facts)} refuses the credential ${text(facts, 'credential')}`,
    detail: `${whyRefused(text(facts, 'error_code'))} Calls that need it fail until somebody mends it.`,
  }),
  unpriced_model: (facts) => ({
    title: `${text(facts, 'model')} has no price`,
    detail: `${text(facts, 'calls')} calls to it are in the ledger without a cost, and no budget counts them.`,
  }),
  key_expiring: (facts) => ({
    title: `The key ${text(facts, 'proxy_key')} expires within ${text(facts, 'days') === '1' ? 'a day' : 'seven days'}`,
    detail: `It belongs to ${text(facts, 'project')} and holds until ${minute(facts, 'expires_at')}. Calls with it are refused after that.`,
  }),
  reconciliation_drift: (facts) => ({
    title: `The books and ${providerName(facts)}'s bill disagree${text(facts, 'day') === '' ? '' : ` about ${text(facts, 'day')}`}`,
    detail: `The difference${text(facts, 'drift_usd') === '' ? '' : ` of ${dollars(facts, 'drift_usd')}`} is above what you tolerate.`,
  }),
  channel_paused: (facts) => ({
    title: `The alert channel ${text(facts, 'channel')} is paused`,
    detail: `Nothing has arrived at ${text(facts, 'url_host')} for a day. ${text(facts, 'error')} Resume it once that is mended.`,
  }),
  weekly_report: describeWeeklyReport,
  test: () => ({
    title: 'This is a test',
    detail: 'Alerts of the kinds that you chose will arrive here.',
  }),
};

const providerNames: Readonly<Record<string, string>> = {
  openai: 'OpenAI',
  anthropic: 'Anthropic',
  moonshot: 'Moonshot AI',
};

const providerName = (facts: Facts): string => {
  const provider = text(facts, 'provider');
  return providerNames[provider] ?? (provider || 'the provider');
};

const periods: Readonly<Record<string, string>> = {
  day: 'The daily',
  week: 'The weekly',
  month: 'The monthly',
};

const periodOf = (facts: Facts): string => periods[text(facts, 'period')] ?? 'The total';

const whenFull = (facts: Facts): string =>
  facts['mode'] === 'soft' ? 'It only warns.' : 'When it is full, calls are refused.';

function whyRefused(code: string): string {
  if (code === 'provider_credential_rejected') return 'The provider does not accept the key.';
  if (/quota|billing|credit/.test(code)) return 'The account has no money or quota left.';
  return `The provider says ${code === '' ? 'no' : code}.`;
}

const percent = (facts: Facts): string =>
  `${Math.round((Number(facts['errors'] ?? 0) / Math.max(Number(facts['calls'] ?? 0), 1)) * 100)}%`;

const minute = (facts: Facts, name: string): string => {
  const at = new Date(text(facts, name));
  return Number.isNaN(at.getTime()) ? 'then' : `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
};
