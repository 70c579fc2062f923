import { createApp } from '../_shared/create-app.ts';
import { readEnv } from '../_shared/env.ts';
import { ReportingEnv } from './env.ts';
import { addReportRoutes } from './routes/reports.ts';

const env = readEnv(ReportingEnv);
const app = createApp('reporting', { secret: env.JOBS_SECRET, run: {} });
addReportRoutes(app, env);
Deno.serve(app.fetch);
