import { describeAlert } from './describe-alert.ts';
import type { Notification } from './notifications.ts';
import { dollarsIn, type Facts, textIn } from './read-facts.ts';

export interface NotificationWords {
  /** One line: what happened to what. */
  readonly title: string;
  /** What it means, and what to do. */
  readonly detail: string;
}

/** A notification for people, the same in the app and in mails. */
export function describeNotification({ kind, data }: Pick<Notification, 'kind' | 'data'>): NotificationWords {
  const words = Object.hasOwn(describers, kind) ? describers[kind] : undefined;
  return words?.(data) ?? { title: kind.replaceAll('_', ' '), detail: '' };
}

/** Where in the app it leads; null where there is nothing to be seen. */
export function pathOfNotification(
  { kind, subject_id: subjectId, data }: Pick<Notification, 'kind' | 'subject_id' | 'data'>,
  slug: string,
): string | null {
  if (kind === 'budget_warning') return `/${slug}/alerts/${textIn(data, 'alert_id')}`;
  return kind === 'invitation' ? null : `/${slug}/tasks/${subjectId}`;
}

const describers: Readonly<Record<string, (data: Facts) => NotificationWords>> = {
  approval_needed: (data) => ({
    title: `${task(data)} waits for your approval`,
    detail: `${agent(data)} goes on once you have approved it, or sent it back.`,
  }),
  task_failed: (data) => ({
    title: `${task(data)} failed`,
    detail: textIn(data, 'reason') || `${agent(data)} gave it up.`,
  }),
  task_completed: (data) => ({
    title: `${agent(data)} completed ${task(data)}`,
    detail: textIn(data, 'cost_usd') === '' ? '' : `It cost ${dollarsIn(data, 'cost_usd')}.`,
  }),
  budget_warning: (data) => describeAlert({ kind: 'budget_threshold', facts: data }),
  invitation: (data) => ({
    title: `${textIn(data, 'invited_by') || 'A colleague'} invites you to ${textIn(data, 'organization') || 'an organization'}`,
    detail: `As ${textIn(data, 'role') === 'admin' ? 'an admin' : 'a member'}. Open the link in the mail to ${textIn(data, 'email')} to join.`,
  }),
};

const task = (data: Facts): string => `“${textIn(data, 'title') || 'A task'}”`;

const agent = (data: Facts): string => textIn(data, 'agent') || 'The agent';
