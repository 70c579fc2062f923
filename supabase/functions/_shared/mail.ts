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
  readonly action?: { readonly label: string; readonly url: string };
}

export type SendMail = (mail: Mail) => Promise<void>;

/** Sends over SMTP (`smtps://user:password@host:465`, or `smtp://` locally). Throws when the server refuses. */
export function createMailer(smtpUrl: string, from: string): SendMail {
  const transport = createTransport(smtpUrl);
  return async (mail) => {
    await transport.sendMail({
      from,
      to: mail.to,
      subject: mail.subject,
      text: toText(mail),
      html: toHtml(mail),
    });
  };
}

function toText({ paragraphs, action }: Mail): string {
  return [...paragraphs, ...(action === undefined ? [] : [`${action.label}: ${action.url}`])].join('\n\n');
}

function toHtml({ paragraphs, action }: Mail): string {
  const style =
    'font:15px/1.6 system-ui,sans-serif;color:#26242e;max-width:34em;margin:2em auto;padding:0 1em';
  const button = 'background:#4338ca;color:#fff;padding:.6em 1.1em;border-radius:6px;text-decoration:none';
  const link =
    action === undefined
      ? ''
      : `<p><a style="${button}" href="${escape(action.url)}">${escape(action.label)}</a></p>`;
  return `<div style="${style}">${paragraphs.map((text) => `<p>${escape(text)}</p>`).join('')}${link}</div>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
