import { createApp } from '../_shared/create-app.ts';
import { readEnv } from '../_shared/env.ts';
import { createMailer } from '../_shared/mail.ts';
import { TenancyEnv } from './env.ts';
import { addInvitationRoutes } from './routes/invitations.ts';

const env = readEnv(TenancyEnv);
const app = createApp('tenancy', { secret: env.JOBS_SECRET, run: {} });
addInvitationRoutes(app, env, env.SMTP_URL === undefined ? null : createMailer(env.SMTP_URL, env.MAIL_FROM));
Deno.serve(app.fetch);
