import { AsyncLocalStorage } from 'node:async_hooks';
import { SmtpEmailDriver } from '@supabase/lite';

type EmailDriver = Pick<SmtpEmailDriver, 'send'>;

/** Where the client that asks for a mail wants its link to end: `redirect_to` of the request being served. */
const redirectTarget = new AsyncLocalStorage<string | null>();

export function withRedirectTarget<Answer>(request: Request, serve: () => Answer): Answer {
  const target = new URL(request.url).searchParams.get('redirect_to') ?? request.headers.get('redirect_to');
  return redirectTarget.run(target, serve);
}

/**
 * Sends Auth's mails to an SMTP server without encryption or login. lite writes `site_url` into every link; the
 * target that the client named takes its place, and Auth checks it against the allow list when the link is opened.
 */
export function createAuthMailer(smtpPort: number, sender: { name: string; address: string }): EmailDriver {
  const smtp = new SmtpEmailDriver({ host: '127.0.0.1', port: smtpPort, from: sender });
  return {
    send: async ({ to, subject, text, html }) => {
      const target = redirectTarget.getStore() ?? null;
      await smtp.send({
        to,
        subject,
        ...(text === undefined ? {} : { text: redirected(text, target) }),
        ...(html === undefined ? {} : { html: redirected(html, target) }),
      });
    },
  };
}

function redirected(mail: string, target: string | null): string {
  if (target === null) return mail;
  return mail.replace(
    /(\/auth\/v1\/verify\?[^\s"<>]*redirect_to=)[^\s"<>&]*/g,
    `$1${encodeURIComponent(target)}`,
  );
}
