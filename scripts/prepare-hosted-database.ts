import { connectOnce } from './doctor/check-database.ts';
import type { Environment } from './doctor/check-variables.ts';
import { prepareDatabase } from './prepare-database.ts';

/** Prepares the database of a hosted project, as the environment says, in one transaction. */
export async function prepareHostedDatabase(environment: Environment, projectUrl: string): Promise<void> {
  const sql = connectOnce(environment['SUPABASE_DB_URL'] ?? '');
  try {
    const proxyPassword = decodeURIComponent(new URL(environment['PROXY_DATABASE_URL'] ?? '').password);
    const facts = {
      projectUrl,
      jobsSecret: environment['JOBS_SECRET'] ?? '',
      proxyPassword,
      reportingUrl: environment['REPORTING_DATABASE_URL'] || (environment['SUPABASE_DB_URL'] ?? ''),
    };
    await sql.begin((transaction) => prepareDatabase(transaction, facts));
  } finally {
    await sql.end({ timeout: 2 });
  }
}
