import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { connectOnce } from './doctor/check-database.ts';
import type { Environment } from './doctor/check-variables.ts';

/**
 * What migrations cannot carry because it is secret or differs by project: the vault's `project_url` and `jobs_secret`,
 * with which the schedule calls the jobs, and the password of the proxy's login.
 */
export async function prepareHostedDatabase(environment: Environment, projectUrl: string): Promise<void> {
  const sql = connectOnce(environment['SUPABASE_DB_URL'] ?? '');
  try {
    await sql.begin(async (transaction) => {
      const secrets = { project_url: projectUrl, jobs_secret: environment['JOBS_SECRET'] ?? '' };
      for (const [name, value] of Object.entries(secrets)) {
        const [known] = await transaction`select id from vault.secrets where name = ${name}`;
        if (known === undefined) await transaction`select vault.create_secret(${value}, ${name})`;
        else {
          const { id } = z.object({ id: z.uuid() }).parse(known);
          await transaction`select vault.update_secret(${id}, ${value})`;
        }
      }
      const password = decodeURIComponent(new URL(environment['PROXY_DATABASE_URL'] ?? '').password);
      await transaction.unsafe(`alter role proxy with login password '${scramVerifier(password)}'`);
    });
  } finally {
    await sql.end({ timeout: 2 });
  }
}

/** What PostgreSQL would store for the password: so the password itself is in no statement and in no log. */
function scramVerifier(password: string): string {
  const iterations = 4096;
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest('base64');
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
