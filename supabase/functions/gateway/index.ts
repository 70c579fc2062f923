import { createApp } from '../_shared/create-app.ts';
import { readEnv } from '../_shared/env.ts';
import { GatewayEnv } from './env.ts';
import { reconcile } from './jobs/reconcile.ts';
import { archiveCalls } from './jobs/archive-calls.ts';
import { refreshPrices } from './jobs/refresh-prices.ts';
import { databaseJobs, runInDatabase } from './jobs/run-in-database.ts';
import { addBillingKeyRoutes } from './routes/billing-keys.ts';
import { addCredentialRoutes } from './routes/credentials.ts';
import { addProviderEventRoutes } from './routes/provider-events.ts';
import { addProviderRoutes } from './routes/providers.ts';

const env = readEnv(GatewayEnv);
const app = createApp('gateway', {
  secret: env.JOBS_SECRET,
  run: {
    'archive-calls': archiveCalls(env),
    'refresh-prices': refreshPrices(env),
    reconcile: reconcile(env),
    ...Object.fromEntries(databaseJobs.map((verb) => [verb, runInDatabase(env, verb)])),
  },
});
addCredentialRoutes(app, env);
addProviderRoutes(app, env);
addBillingKeyRoutes(app, env);
addProviderEventRoutes(app, env);
Deno.serve(app.fetch);
