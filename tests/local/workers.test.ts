import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { cleanUp, eventually, startFixture } from './fixture-stack.ts';

let stack: Stack;
/** As migrations and functions connect. */
let sql: postgres.Sql;

beforeAll(async () => {
  stack = await startFixture();
  sql = postgres(stack.databaseUrl, { max: 4, onnotice: () => {} });
}, 120_000);
afterAll(async () => {
  await sql.end();
  await cleanUp();
}, 60_000);

test('[CRO1] a job by the second runs as who scheduled it, until it is unscheduled', async () => {
  await sql`select cron.schedule('tick', '1 second', 'insert into ticks (who) values (session_user)')`;
  const ticks = await eventually(
    () => sql`select who from public.ticks`,
    (rows) => rows.length >= 2,
  );
  expect(new Set(ticks.map((tick) => tick['who']))).toEqual(new Set(['postgres']));
  await sql`select cron.unschedule('tick')`;
  await new Promise((resolve) => setTimeout(resolve, 500));
  const [{ count: before } = {}] = await sql`select count(*) from public.ticks`;
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect((await sql`select count(*) from public.ticks`)[0]?.['count']).toBe(before);
  const [run] =
    await sql`select status, return_message, database from cron.job_run_details order by runid limit 1`;
  expect(run).toEqual({ status: 'succeeded', return_message: 'INSERT 0 1', database: 'postgres' });
}, 30_000);

test('[CRO2] a failing job is recorded with its error, and does not stop the others', async () => {
  await sql`select cron.schedule('fails', '1 second', 'select 1/0')`;
  const [run] = await eventually(
    () =>
      sql`select status, return_message from cron.job_run_details where command = 'select 1/0' and status <> 'running'`,
    (rows) => rows.length > 0,
  );
  expect(run).toEqual({ status: 'failed', return_message: 'ERROR: division by zero' });
  await sql`select cron.unschedule('fails')`;
});

test('[CRO3] a job never overlaps itself', async () => {
  await sql`select cron.schedule('slow', '1 second', 'select pg_sleep(2.5)')`;
  await new Promise((resolve) => setTimeout(resolve, 5500));
  const [most] = await sql`
    select max(running) from (
      select (select count(*) from cron.job_run_details other
        where other.command = run.command and run.start_time >= other.start_time
          and (other.end_time is null or run.start_time < other.end_time)) as running
      from cron.job_run_details run where command = 'select pg_sleep(2.5)') as counted`;
  expect(most?.['max']).toBe('1');
  await sql`select cron.unschedule('slow')`;
}, 30_000);

test('[CRO4] scheduling under a name again changes the job; bad schedules are refused', async () => {
  const [{ id: first } = {}] = await sql`select cron.schedule('daily', '0 3 * * *', 'select 1') as id`;
  const [{ id: second } = {}] =
    await sql`select cron.schedule('daily', '30 4 $ jan-mar MON,5', 'select 2') as id`;
  expect(second).toBe(first);
  await sql`select cron.alter_job(${first}, active := false)`;
  expect(await sql`select schedule, command, active from cron.job where jobname = 'daily'`).toEqual([
    { schedule: '30 4 $ jan-mar MON,5', command: 'select 2', active: false },
  ]);
  for (const schedule of [
    '60 * * * *',
    '* * * *',
    '60 seconds',
    '0 seconds',
    '* * 32 * *',
    'every day',
    '*/0 * * * *',
  ]) {
    await expect(sql`select cron.schedule('bad', ${schedule}, 'select 1')`).rejects.toThrow(
      `invalid schedule: ${schedule}`,
    );
  }
  await expect(sql`select cron.unschedule('nothing')`).rejects.toThrow(
    "could not find valid entry for job 'nothing'",
  );
});

test('[CRO5] as on hosted Supabase, postgres may read the jobs but not write them past the functions', async () => {
  await expect(sql`update cron.job set active = false`).rejects.toThrow(/permission denied for table job/);
  await expect(
    sql`select cron.schedule_in_database('x', '0 3 * * *', 'select 1', 'postgres', 'supabase_admin')`,
  ).rejects.toThrow(/permission denied to schedule a job for role supabase_admin/);
});

test('[NET1] a request reaches a function and its answer comes back', async () => {
  const url = `${stack.url}/functions/v1/echo/from-sql`;
  const [{ id } = {}] = await sql`select net.http_post(${url}, '{"a": 1}', '{"q": "ä b"}') as id`;
  const [response] = await eventually(
    () => sql`select status_code, content_type, content::jsonb as content, timed_out, error_msg
      from net._http_response where id = ${id}`,
    (rows) => rows.length > 0,
  );
  expect(response).toMatchObject({
    status_code: 200,
    content_type: 'application/json',
    content: { path: '/echo/from-sql?q=%C3%A4%20b', method: 'POST', body: '{"a": 1}' },
    timed_out: false,
    error_msg: null,
  });
  expect(await sql`select from net.http_request_queue`).toHaveLength(0);
});

test('[NET2] a request leaves after the commit only, and never after a rollback', async () => {
  const url = `${stack.url}/functions/v1/echo/never`;
  const rollback = sql.begin(async (tx) => {
    await tx`select net.http_get(${url})`;
    throw new Error('rolled back');
  });
  await expect(rollback).rejects.toThrow('rolled back');
  let sentInside = 0;
  await sql.begin(async (tx) => {
    await tx`select net.http_get(${url.replace('never', 'later')})`;
    await new Promise((resolve) => setTimeout(resolve, 700));
    sentInside = (await sql`select from net._http_response where content like '%/echo/later%'`).length;
  });
  expect(sentInside).toBe(0);
  await eventually(
    () => sql`select from net._http_response where content like '%/echo/later%'`,
    (rows) => rows.length === 1,
  );
  expect(await sql`select from net._http_response where content like '%/echo/never%'`).toHaveLength(0);
});

test('[NET3] what cannot be reached and what takes too long, is said', async () => {
  const [{ id: unreachable } = {}] = await sql`select net.http_get('http://127.0.0.1:9/') as id`;
  const [{ id: slow } = {}] = await sql`
    select net.http_get(${`${stack.url}/functions/v1/stream`}, timeout_milliseconds := 1500) as id`;
  const rows = await eventually(
    () => sql`select id, status_code, timed_out, error_msg from net._http_response
      where id in (${unreachable}, ${slow}) order by id`,
    (all) => all.length === 2,
  );
  expect(rows[0]).toMatchObject({ status_code: null, timed_out: false });
  expect(rows[0]?.['error_msg']).toBeTruthy();
  expect(rows[1]).toMatchObject({
    status_code: null,
    timed_out: true,
    error_msg: 'Timeout of 1500 ms reached.',
  });
});

test('[VAU1] a secret can be read back by postgres and stands in no table as text', async () => {
  const plain = 'correct-horse-battery-staple';
  const [{ id } = {}] = await sql`select vault.create_secret(${plain}, 'a_name', 'what for') as id`;
  const read = async () =>
    (await sql`select name, description, decrypted_secret from vault.decrypted_secrets where id = ${id}`)[0];
  expect(await read()).toEqual({ name: 'a_name', description: 'what for', decrypted_secret: plain });
  expect(await tablesWith(plain)).toEqual([]);
  await sql`select vault.update_secret(${id}, 'another', new_description := 'changed')`;
  expect(await read()).toEqual({ name: 'a_name', description: 'changed', decrypted_secret: 'another' });
});

test('[VAU2] clients cannot reach it, and postgres cannot write past its functions', async () => {
  for (const role of ['anon', 'authenticated']) {
    const attempt = sql.begin(async (tx) => {
      await tx.unsafe(`set local role ${role}`);
      await tx`select * from vault.decrypted_secrets`;
    });
    await expect(attempt).rejects.toThrow(/permission denied/);
  }
  await expect(sql`insert into vault.secrets (secret) values ('x')`).rejects.toThrow(/permission denied/);
});

async function tablesWith(text: string): Promise<string[]> {
  const tables = await stack.admin<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname <> 'information_schema'`;
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await stack.admin.unsafe(`select from ${name} as row where row::text like $1 limit 1`, [
      `%${text}%`,
    ]);
    if (rows.length > 0) found.push(name);
  }
  return found;
}
