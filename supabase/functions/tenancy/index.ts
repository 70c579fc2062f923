import { createApp } from '../_shared/create-app.ts';
import { readEnv } from '../_shared/env.ts';
import { createMailer } from '../_shared/mail.ts';
import { TenancyEnv } from './env.ts';
import { mailNotifications } from './jobs/mail-notifications.ts';
import { addInvitationRoutes } from './routes/invitations.ts';

const env = readEnv(TenancyEnv);
const sendMail = env.SMTP_URL === undefined ? null : createMailer(env.SMTP_URL, env.MAIL_FROM);
const app = createApp('tenancy', {
  secret: env.JOBS_SECRET,
  run: { 'mail-notifications': mailNotifications(env, sendMail) },
});
addInvitationRoutes(app, env, sendMail);
Deno.serve(app.fetch);
