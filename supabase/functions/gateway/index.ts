import { createApp } from '../_shared/create-app.ts';
import { readEnv } from '../_shared/env.ts';
import { createMailer } from '../_shared/mail.ts';
import { createSecretBox } from '../_shared/secret-box.ts';
import { createAlertSender } from './alerts/send-alert.ts';
import { GatewayEnv } from './env.ts';
import { reconcile } from './jobs/reconcile.ts';
import { archiveCalls } from './jobs/archive-calls.ts';
import { refreshPrices } from './jobs/refresh-prices.ts';
import { databaseJobs, runInDatabase } from './jobs/run-in-database.ts';
import { addBillingKeyRoutes } from './routes/billing-keys.ts';
import { deliverAlerts } from './jobs/deliver-alerts.ts';
import { addAlertChannelRoutes } from './routes/alert-channels.ts';
import { addCredentialRoutes } from './routes/credentials.ts';
import { addProviderEventRoutes } from './routes/provider-events.ts';
import { addProviderRoutes } from './routes/providers.ts';

const env = readEnv(GatewayEnv);
const box = createSecretBox(env.ENCRYPTION_KEYS);
const sendAlert = createAlertSender({
  sendMail: env.SMTP_URL === undefined ? null : createMailer(env.SMTP_URL, env.MAIL_FROM),
  appUrl: env.APP_URL,
  rules: { mayReachLoopback: env.WEBHOOKS_MAY_REACH_LOOPBACK },
  now: () => new Date(),
});
const app = createApp('gateway', {
  secret: env.JOBS_SECRET,
  run: {
    'archive-calls': archiveCalls(env),
    'refresh-prices': refreshPrices(env),
    reconcile: reconcile(env),
    'deliver-alerts': deliverAlerts(env, box, sendAlert),
    ...Object.fromEntries(databaseJobs.map((verb) => [verb, runInDatabase(env, verb)])),
  },
});
addCredentialRoutes(app, env);
addProviderRoutes(app, env);
addBillingKeyRoutes(app, env);
addProviderEventRoutes(app, env);
addAlertChannelRoutes(app, env, box, sendAlert);
Deno.serve(app.fetch);
