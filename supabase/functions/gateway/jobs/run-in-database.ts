import type { Job } from '../../_shared/create-app.ts';
import { connectAsService, unwrap } from '../../_shared/db.ts';
import type { GatewayEnv } from '../env.ts';

/** The jobs that are SQL: pg_cron runs them itself, this is for running one now. */
export const databaseJobs = [
  'sweep-expired-calls',
  'fold-usage',
  'refresh-output-estimates',
  'ensure-usage-partitions',
  'detect-alerts',
  'purge-cached-answers',
  'write-weekly-reports',
  'recount-days',
  'retire-usage-months',
  'drop-detached-months',
  'expire-archives',
];

/** Runs one of `databaseJobs`; the count is what the SQL function answers. */
export function runInDatabase(env: GatewayEnv, verb: string): Job {
  return async () => ({ count: unwrap(await connectAsService(env).rpc('run_gateway_job', { verb })) });
}
