import { AlertKind } from '@contracts/alerts.ts';

export const alertKindWords: Readonly<Record<AlertKind, string>> = {
  budget_threshold: 'Budget threshold',
  spend_anomaly: 'Unusual spending',
  error_rate: 'Error rate',
  credential_failing: 'Credential refused',
  unpriced_model: 'Model without a price',
  key_expiring: 'Key near expiry',
  reconciliation_drift: 'Bill and books disagree',
};

/** What raises each kind, for whoever chooses among them. */
export const alertKindMeanings: Readonly<Record<AlertKind, string>> = {
  budget_threshold: 'A budget passes one of the percentages that it warns at.',
  spend_anomaly: 'An hour costs far more than this organization’s hours of two weeks.',
  error_rate: 'More than 5% of at least 20 calls to a provider fail within an hour.',
  credential_failing: 'A provider refuses the key, or its account has no money left.',
  unpriced_model: 'Calls go to a model whose price is not known.',
  key_expiring: 'A proxy key expires within seven days, and again within one.',
  reconciliation_drift: 'The provider’s bill differs from the ledger by more than you tolerate.',
};

const isAlertKind = (text: unknown): text is AlertKind => AlertKind.safeParse(text).success;

/** A kind as the database has it, in words. */
export const describeKind = (kind: string): string =>
  isAlertKind(kind) ? alertKindWords[kind] : (otherKindWords[kind] ?? kind);

/** No channel is asked to tell these: they go straight to the admins. */
const otherKindWords: Readonly<Record<string, string>> = {
  channel_paused: 'Channel paused',
  weekly_report: 'Weekly report',
};

type Severity = { label: string; color: string };

const severities: Readonly<Record<string, Severity>> = {
  info: { label: 'Note', color: 'indigo' },
  warning: { label: 'Warning', color: 'orange' },
  critical: { label: 'Critical', color: 'red' },
};

export const describeSeverity = (severity: string): Severity =>
  severities[severity] ?? { label: severity, color: 'gray' };
