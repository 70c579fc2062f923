import { createApp } from '../_shared/create-app.ts';
import { readEnv } from '../_shared/env.ts';
import { createMailer } from '../_shared/mail.ts';
import { ReportingEnv } from './env.ts';
import { mailReports } from './jobs/mail-reports.ts';
import { addReportRoutes } from './routes/reports.ts';

const env = readEnv(ReportingEnv);
const sendMail = env.SMTP_URL === undefined ? null : createMailer(env.SMTP_URL, env.MAIL_FROM);
const app = createApp('reporting', {
  secret: env.JOBS_SECRET,
  run: { 'mail-reports': mailReports(env, sendMail) },
});
addReportRoutes(app, env);
Deno.serve(app.fetch);
