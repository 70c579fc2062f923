import type postgres from 'postgres';
import { scramVerifier } from '../local/secrets.ts';

export type DatabaseFacts = {
  projectUrl: string;
  jobsSecret: string;
  proxyPassword: string;
  /** Where SQL logins of organizations connect; its password does not matter. */
  reportingUrl: string;
};

/**
 * What migrations cannot carry because it is secret or differs by project: the vault's `project_url` and `jobs_secret`,
 * with which the schedule calls the jobs, where SQL logins connect, and the password of the proxy's login, as a
 * verifier, so that the password itself is in no statement and in no log.
 */
export async function prepareDatabase(
  sql: postgres.Sql | postgres.TransactionSql,
  { projectUrl, jobsSecret, proxyPassword, reportingUrl }: DatabaseFacts,
): Promise<void> {
  for (const [name, value] of Object.entries({ project_url: projectUrl, jobs_secret: jobsSecret })) {
    const [known] = await sql`select id, decrypted_secret = ${value} as is_same
      from vault.decrypted_secrets where name = ${name}`;
    if (known === undefined) await sql`select vault.create_secret(${value}, ${name})`;
    else if (known['is_same'] !== true)
      await sql`select vault.update_secret(${String(known['id'])}, ${value})`;
  }
  const { hostname, port, pathname, username } = new URL(reportingUrl);
  // A pooler tells projects apart by what stands behind the role: postgres.<reference>
  const suffix = decodeURIComponent(username).replace(/^[^.]*/, '');
  await sql`update private.reporting_settings
    set host = ${hostname}, port = ${Number(port || 5432)}, database = ${pathname.slice(1)}, username_suffix = ${suffix}`;
  await sql.unsafe(`alter role proxy with login password '${scramVerifier(proxyPassword)}'`);
}
