import postgres from 'postgres';

export type CronJob = {
  jobid: string;
  schedule: string;
  command: string;
  database: string;
  username: string;
};

/**
 * Runs one job once, as its user in its database, in a connection of its own, and writes `cron.job_run_details`.
 * Aborting closes the connection.
 */
export async function runCronJob(
  admin: postgres.Sql,
  adminUrl: string,
  job: CronJob,
  signal: AbortSignal,
): Promise<void> {
  const sql = postgres(adminUrl, {
    max: 1,
    database: job.database,
    connection: { application_name: 'pg_cron' },
    onnotice: () => {},
  });
  const close = () => void sql.end({ timeout: 0 });
  signal.addEventListener('abort', close);
  const [run] = await admin<{ runid: string }[]>`
    insert into cron.job_run_details (jobid, database, username, command, status, start_time)
    values (${job.jobid}, ${job.database}, ${job.username}, ${job.command}, 'running', clock_timestamp())
    returning runid`;
  const finish = (status: string, message: string) => admin`
    update cron.job_run_details
    set status = ${status}, return_message = ${message}, end_time = clock_timestamp()
    where runid = ${run?.runid ?? null}`;
  try {
    await becomeUser(sql, job.username);
    await finish('succeeded', describe(await sql.unsafe(job.command).simple()));
  } catch (error) {
    await finish('failed', error instanceof Error ? `ERROR: ${error.message}` : String(error));
  } finally {
    signal.removeEventListener('abort', close);
    await sql.end({ timeout: 1 });
  }
}

/** With the settings that the role has for its logins. */
async function becomeUser(sql: postgres.Sql, username: string): Promise<void> {
  const settings = await sql<{ setting: string }[]>`
    select unnest(setconfig) as setting from pg_db_role_setting
    where setrole = (select oid from pg_roles where rolname = ${username}) and setdatabase = 0`;
  await sql`set session authorization ${sql(username)}`;
  for (const { setting } of settings) {
    const at = setting.indexOf('=');
    await sql`select set_config(${setting.slice(0, at)}, ${setting.slice(at + 1)}, false)`;
  }
}

/** What the last statement says: `3 rows` when it returns some, else its command and count. */
function describe(result: unknown): string {
  const last: unknown = Array.isArray(result) && Array.isArray(result[0]) ? result.at(-1) : result;
  if (typeof last !== 'object' || last === null) return '';
  const read = (name: string): string => String(Reflect.get(last, name) ?? '');
  const [command, count] = [read('command'), read('count')];
  if (read('columns') !== '') return count === '1' ? '1 row' : `${count} rows`;
  return command === 'INSERT' ? `INSERT 0 ${count}` : `${command} ${count}`.trim();
}
