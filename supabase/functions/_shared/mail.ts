import { createTransport } from 'nodemailer';
import { z } from 'zod';

/** How the product mails, and where the links in its mails lead. */
export const mailEnv = {
  APP_URL: z.url().transform((url) => url.replace(/\/+$/, '')),
  SMTP_URL: z.url().optional(),
  MAIL_FROM: z.string().default('Kreative HQ <no-reply@localhost>'),
} as const;

export interface Mail {
  readonly to: string;
  readonly subject: string;
  /** Plain text; the HTML part is made from the same words. */
  readonly paragraphs: readonly string[];
  readonly tables?: readonly MailTable[];
  /** Why somebody gets this, below everything else. */
  readonly footnote?: string;
  readonly action?: { readonly label: string; readonly url: string };
  readonly attachment?: MailAttachment;
}

/** What is called what, line by line. */
export interface MailTable {
  readonly title: string;
  readonly rows: readonly (readonly [string, string])[];
}

export interface MailAttachment {
  readonly name: string;
  /** With its parameters, as in `text/csv; charset=utf-8`. */
  readonly type: string;
  readonly text: string;
}

export type SendMail = (mail: Mail) => Promise<void>;

/**
 * Sends over SMTP (`smtps://user:password@host:465`, or `smtp://` locally). Throws when the server refuses, or takes too
 * long: whoever mails holds a lease of two minutes, a report's query included.
 */
export function createMailer(smtpUrl: string, from: string): SendMail {
  const transport = createTransport({ url: smtpUrl, ...timeouts });
  return async (mail) => {
    await transport.sendMail({
      signal: AbortSignal.timeout(mostMs),
      from,
      to: mail.to,
      subject: mail.subject,
      text: toText(mail),
      html: toHtml(mail),
      attachments: mail.attachment === undefined ? [] : [toAttachment(mail.attachment)],
    });
  };
}

const timeouts = {
  dnsTimeout: 10_000,
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 30_000,
};
/** Of one mail, as a server may be slow at every step. */
const mostMs = 60_000;

function toAttachment({ name, type, text }: MailAttachment) {
  return { filename: name, contentType: type, content: text };
}

function toText({ paragraphs, tables = [], action, footnote }: Mail): string {
  const parts = [
    ...paragraphs,
    ...tables.map(({ title, rows }) =>
      [title, ...rows.map(([name, value]) => `  ${name}: ${value}`)].join('\n'),
    ),
    ...(action === undefined ? [] : [`${action.label}: ${action.url}`]),
    ...(footnote === undefined ? [] : [footnote]),
  ];
  return parts.join('\n\n');
}

function toHtml({ paragraphs, tables = [], action, footnote }: Mail): string {
  const style =
    'font:15px/1.6 system-ui,sans-serif;color:#26242e;max-width:34em;margin:2em auto;padding:0 1em';
  const button = 'background:#4338ca;color:#fff;padding:.6em 1.1em;border-radius:6px;text-decoration:none';
  const link =
    action === undefined
      ? ''
      : `<p><a style="${button}" href="${escape(action.url)}">${escape(action.label)}</a></p>`;
  const body = [...paragraphs.map((text) => `<p>${escape(text)}</p>`), ...tables.map(toHtmlTable), link];
  const foot =
    footnote === undefined ? '' : `<p style="font-size:13px;color:#6b6875">${escape(footnote)}</p>`;
  return `<div style="${style}">${body.join('')}${foot}</div>`;
}

function toHtmlTable({ title, rows }: MailTable): string {
  const line = 'padding:.35em 0;border-top:1px solid #e7e5ea';
  const cells = rows.map(
    ([name, value]) =>
      `<tr><td style="${line}">${escape(name)}</td>` +
      `<td style="${line};text-align:right;padding-left:1em">${escape(value)}</td></tr>`,
  );
  return `<p style="margin-bottom:.35em"><b>${escape(title)}</b></p><table style="width:100%;border-collapse:collapse;font:inherit">${cells.join('')}</table>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
