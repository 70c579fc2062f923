import { z } from 'zod';
import type { Alert } from '../../_shared/contracts/alerts.ts';
import { describeAlert } from '../../_shared/contracts/describe-alert.ts';
import { describeWeeklyReport } from '../../_shared/contracts/describe-weekly-report.ts';
import type { Mail, SendMail } from '../../_shared/mail.ts';
import { type WebhookPost, type WebhookRules, WebhookFailure, postWebhook } from './post-webhook.ts';
import { signWebhook } from './sign-webhook.ts';

/** What a webhook's channel keeps sealed; Slack's kind signs nothing. */
export const ChannelSecret = z.object({ url: z.url(), secret: z.string().nullable() });
export type ChannelSecret = z.infer<typeof ChannelSecret>;

/** Something to be told, and to whom it belongs. */
export interface AlertMessage {
  /** The same at every attempt. */
  readonly id: string;
  readonly alert: Alert;
  readonly organization: { readonly id: string; readonly name: string; readonly slug: string };
}

export type AlertTarget =
  | { readonly type: 'mail'; readonly recipient: string }
  | { readonly type: 'slack' | 'webhook'; readonly secret: ChannelSecret };

export interface AlertSenderParts {
  /** Null where no mail server is configured. */
  readonly sendMail: SendMail | null;
  readonly appUrl: string;
  readonly rules: WebhookRules;
  readonly now: () => Date;
}

export type SendAlert = (target: AlertTarget, message: AlertMessage) => Promise<void>;

/** Tells one alert to one recipient. Throws WebhookFailure, or what the mail server said. */
export function createAlertSender({ sendMail, appUrl, rules, now }: AlertSenderParts): SendAlert {
  return async (target, message) => {
    const url = linkTo(appUrl, message);
    if (target.type === 'mail') {
      if (sendMail === null)
        throw new WebhookFailure('No mail server is configured on this installation.', { isFinal: true });
      return sendMail(toMail(target.recipient, message, appUrl));
    }
    const { url: hook, secret } = target.secret;
    const post =
      target.type === 'slack' || secret === null
        ? { url: hook, headers: {}, body: JSON.stringify(toSlack(message, url)) }
        : toSigned(hook, secret, message, url, now());
    return postWebhook(post, rules);
  };
}

/** The alert in the app; a test has no page of its own. */
function linkTo(appUrl: string, { alert, organization }: AlertMessage): string {
  const page = `${appUrl}/${organization.slug}/alerts`;
  return alert.kind === 'test' ? page : `${page}/${alert.id}`;
}

function toMail(to: string, message: AlertMessage, appUrl: string): Mail {
  const { alert, organization } = message;
  if (alert.kind === 'weekly_report') return toWeeklyMail(to, message, appUrl);
  const { title, detail } = describeAlert(alert);
  return {
    to,
    subject: `${organization.name}: ${title}`.replace(/\s+/g, ' '),
    paragraphs: [
      `${title}.`,
      detail,
      `You get this because ${organization.name} sends its alerts to this address.`,
    ],
    action: { label: 'Open the alert', url: linkTo(appUrl, message) },
  };
}

function toWeeklyMail(to: string, { alert, organization }: AlertMessage, appUrl: string): Mail {
  const { title, detail, tables } = describeWeeklyReport(alert.facts);
  const home = `${appUrl}/${organization.slug}`;
  return {
    to,
    subject: `${organization.name}: ${title}`.replace(/\s+/g, ' '),
    paragraphs: [`${title}.`, detail],
    tables,
    action: { label: 'Open the dashboard', url: `${home}?days=7` },
    footnote: `Owners and admins of ${organization.name} get this every Monday. You can do without it: ${appUrl}/profile`,
  };
}

/** Slack's own markup has three characters of meaning; nothing that a tenant named may become a link or a mention. */
function toSlack({ alert, organization }: AlertMessage, url: string): { text: string } {
  const { title, detail } = describeAlert(alert);
  return {
    text: `*${escapeSlack(title)}*\n${escapeSlack(detail)}\n<${url}|Open in ${escapeSlack(organization.name)}>`,
  };
}

function escapeSlack(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/\|/g, '¦');
}

function toSigned(hook: string, secret: string, message: AlertMessage, url: string, at: Date): WebhookPost {
  const { alert, organization, id } = message;
  const { kind, severity, facts, created_at: createdAt, subject_type: type, subject_id: subjectId } = alert;
  const body = JSON.stringify({
    type: `alert.${kind}`,
    timestamp: createdAt,
    data: {
      id: alert.id,
      organization_id: organization.id,
      severity,
      ...describeAlert(alert),
      subject: { type, id: subjectId },
      facts,
      url,
    },
  });
  return { url: hook, headers: signWebhook(secret, { id, at, body }), body };
}
