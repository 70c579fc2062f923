import { createClient } from '@supabase/supabase-js';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { resetStack } from '../../local/reset.ts';
import type { Stack } from '../../local/stack.ts';
import { cleanUp, eventually, FIXTURE, startFixture, temporaryDirectory } from './fixture-stack.ts';

let dataDir: string;
let stack: Stack;

beforeAll(async () => {
  dataDir = temporaryDirectory();
  stack = await startFixture({ dataDir });
}, 120_000);
afterAll(cleanUp, 60_000);

async function privilegesOnNotes(): Promise<Record<string, string[]>> {
  const rows = await stack.admin<{ grantee: string; privilege: string }[]>`
    select grantee::regrole::text as grantee, privilege_type as privilege
    from pg_class, aclexplode(relacl) where oid = 'public.notes'::regclass order by 1, 2`;
  const held = (role: string) => rows.filter((row) => row.grantee === role).map((row) => row.privilege);
  return { anon: held('anon'), authenticated: held('authenticated') };
}

/** What anyone may do with anything, and what they will be allowed to do with what is made later. */
async function allGrants(): Promise<unknown> {
  return stack.admin`
    select 'relation' as kind, relnamespace::regnamespace || '.' || relname as name, relacl::text as acl from pg_class
      where relnamespace::regnamespace::text in ('public', 'auth', 'vault', 'cron', 'net', 'storage', 'realtime')
    union all select 'schema', nspname, nspacl::text from pg_namespace where nspname !~ '^pg_'
    union all select 'function', oid::text, proacl::text from pg_proc
      where pronamespace::regnamespace::text in ('auth', 'vault', 'cron', 'net')
    union all select 'default', format('%s %s %s', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype),
      defaclacl::text from pg_default_acl
    order by 1, 2`;
}

async function useTheDataApi(): Promise<void> {
  const client = createClient(stack.url, stack.publishableKey, { auth: { persistSession: false } });
  const { data, error } = await client.from('notes').select('*');
  expect({ data, code: error?.code }).toEqual({ data: null, code: '42501' });
}

test('[STK1] grants are those of the migrations, after the first requests and after a second start', async () => {
  const before = await allGrants();
  await useTheDataApi();
  expect(await privilegesOnNotes()).toEqual({ anon: [], authenticated: ['SELECT'] });
  expect(await allGrants()).toEqual(before);
  await restart();
  await useTheDataApi();
  expect(await allGrants()).toEqual(before);
}, 120_000);

test('[STK2] a second start keeps data, keys and ports', async () => {
  await stack.admin`insert into public.notes (body) values ('kept')`;
  const { publishableKey, mailUrl, databaseUrl } = stack;
  await restart();
  expect(stack).toMatchObject({ publishableKey, mailUrl, databaseUrl, isFirstStart: false });
  const notes = await stack.admin`select body from public.notes where body in ('seeded', 'kept') order by id`;
  expect(notes.map((note) => note['body'])).toEqual(['seeded', 'kept']);
}, 120_000);

test('[STK3] a port in use is named, and what to do about it', async () => {
  const server = createServer();
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await expect(startFixture({ port })).rejects.toThrow(
    `Port ${port} is in use by another program. Choose another: STACK_PORT=${port + 1} npm start`,
  );
  server.close();
});

test('[STK4] a data directory serves one stack at a time, which nothing disturbs', async () => {
  await expect(startFixture({ dataDir })).rejects.toThrow(/already running on this data directory/);
  await expect(resetStack(dataDir)).rejects.toThrow(/already running on this data directory/);
  expect(await stack.admin`select from public.notes where body = 'seeded'`).toHaveLength(1);
}, 60_000);

test('[STK5] secrets are for their owner only, and the database asks for its password', async () => {
  expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600);
  const [settings] = await stack.admin`
    select current_setting('listen_addresses') as addresses, current_setting('wal_level') as wal,
      current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`;
  expect(settings).toEqual({ addresses: '127.0.0.1', wal: 'logical', fsync: 'on', commit: 'on' });
  const intruder = postgres(stack.databaseUrl.replace(/:[^:@]+@/, ':wrong@'), { max: 1 });
  await expect(intruder`select 1`).rejects.toThrow(/password authentication failed/);
  await intruder.end();
});

test('[STK6] PostgreSQL is started again when it ends, and nothing waits for the one that ended', async () => {
  const keyed = { headers: { apikey: stack.secretKey } };
  const readNotes = async () => (await fetch(`${stack.url}/rest/v1/notes?select=body&limit=1`, keyed)).status;
  for (let crash = 1; crash <= 3; crash++) {
    process.kill(postmasterPid(), 'SIGKILL');
    // The first is asked of a database that is just ending.
    expect(await eventually(readNotes, (answered) => answered === 200, 60_000)).toBe(200);
    // Its connections may not have noticed yet that their server ended.
    await eventually(
      () =>
        stack.admin`select net.http_get(${`${stack.url}/functions/v1/echo/after-crash-${crash}`})`.catch(
          () => [],
        ),
      (sent) => sent.length > 0,
    );
    const answers = await eventually(
      () => stack.admin`select from net._http_response where content like ${`%/echo/after-crash-${crash}%`}`,
      (rows) => rows.length > 0,
      60_000,
    );
    expect(answers).toHaveLength(1);
  }
}, 200_000);

test('[STK7] a reset begins anew', async () => {
  const { publishableKey } = stack;
  await stack.stop();
  await resetStack(dataDir);
  expect(existsSync(join(dataDir, 'secrets.json'))).toBe(false);
  stack = await startFixture({ dataDir });
  expect(stack.isFirstStart).toBe(true);
  expect(stack.publishableKey).not.toBe(publishableKey);
  expect(await stack.admin`select from public.notes where body = 'kept'`).toHaveLength(0);
}, 120_000);

test('[STK8] when the parent is killed nothing survives it, and the next start has the data', async () => {
  await stack.stop();
  const parent = spawn(process.execPath, ['--input-type=module', '-e', await parentScript()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const functionPid = Number(
    await new Promise((resolve, reject) => {
      parent.stdout.once('data', resolve);
      parent.once('exit', () => reject(new Error('The parent ended by itself.')));
    }),
  );
  const pids = [functionPid, postmasterPid()];
  expect(pids.map(isAlive)).toEqual([true, true]);
  parent.kill('SIGKILL');
  await eventually(
    async () => pids.map(isAlive),
    (alive) => !alive.includes(true),
    30_000,
  );
  stack = await startFixture({ dataDir });
  expect(await stack.admin`select from public.notes where body = 'before the kill'`).toHaveLength(1);
}, 180_000);

async function parentScript(): Promise<string> {
  const options = {
    projectDir: FIXTURE,
    dataDir,
    port: await freePort(),
    functionEnvironment: {},
    eager: ['echo'],
  };
  return `
    import { startStack } from ${JSON.stringify(join(import.meta.dirname, '../../local/stack.ts'))};
    const stack = await startStack(${JSON.stringify(options)});
    await stack.admin\`insert into public.notes (body) values ('before the kill')\`;
    console.log(stack.processes().echo[0]);`;
}

async function restart(): Promise<void> {
  await stack.stop();
  stack = await startFixture({ dataDir });
}

function postmasterPid(): number {
  const location = join(dataDir, 'postgres-location.json');
  const home = existsSync(location) ? readHome(location) : join(dataDir, 'postgres');
  return Number(readFileSync(join(home, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

function readHome(location: string): string {
  const parsed: unknown = JSON.parse(readFileSync(location, 'utf8'));
  return typeof parsed === 'object' && parsed !== null && 'home' in parsed ? String(parsed.home) : '';
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
