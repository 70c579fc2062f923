import { createClient } from '@supabase/supabase-js';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, expect, test } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { resetStack } from '../../local/reset.ts';
import type { Stack } from '../../local/stack.ts';
import { eventually, FIXTURE, removeTemporary, startFixture, temporaryDirectory } from './fixture-stack.ts';

afterAll(removeTemporary);

async function tableGrants({ admin }: Stack): Promise<Record<string, string[]>> {
  const rows = await admin<{ grantee: string; privilege: string }[]>`
    select coalesce(nullif(grantee::regrole::text, '-'), 'public') as grantee, privilege_type as privilege
    from pg_class, aclexplode(relacl) where oid = 'public.notes'::regclass order by 1, 2`;
  return Object.fromEntries(
    ['anon', 'authenticated'].map((role) => [
      role,
      rows.filter((row) => row.grantee === role).map((row) => row.privilege),
    ]),
  );
}

/** What anyone may do with anything, and what they will be allowed to do with what is made later. */
async function allGrants({ admin }: Stack): Promise<unknown> {
  return admin`
    select 'relation' as kind, oid::regclass::text as name, relacl::text as acl from pg_class
      where relnamespace in ('public'::regnamespace, 'auth'::regnamespace, 'vault'::regnamespace, 'cron'::regnamespace)
    union all select 'schema', nspname, nspacl::text from pg_namespace where nspname !~ '^pg_'
    union all select 'function', oid::regprocedure::text, proacl::text from pg_proc where pronamespace = 'auth'::regnamespace
    union all select 'default', defaclrole::regrole || ' ' || defaclnamespace::regnamespace || defaclobjtype, defaclacl::text
      from pg_default_acl
    order by 1, 2`;
}

async function useTheDataApi(stack: Stack): Promise<void> {
  const client = createClient(stack.url, stack.publishableKey, { auth: { persistSession: false } });
  const { data, error } = await client.from('notes').select('*');
  expect({ data, code: error?.code }).toEqual({ data: null, code: '42501' });
}

test('[STK1] grants are those of the migrations, after the first requests and after a second start', async () => {
  const dataDir = temporaryDirectory();
  const first = await startFixture({ dataDir });
  await useTheDataApi(first);
  const grants = await allGrants(first);
  expect(await tableGrants(first)).toEqual({ anon: [], authenticated: ['SELECT'] });
  await first.stop();

  const second = await startFixture({ dataDir });
  await useTheDataApi(second);
  expect(await allGrants(second)).toEqual(grants);
  await second.stop();
});

test('[STK2] a second start keeps data, keys and ports, a reset begins anew', async () => {
  const dataDir = temporaryDirectory();
  const first = await startFixture({ dataDir });
  expect(first.isFirstStart).toBe(true);
  await first.admin`insert into public.notes (body) values ('kept')`;
  await first.stop();

  const second = await startFixture({ dataDir });
  expect(second.isFirstStart).toBe(false);
  expect(second.publishableKey).toBe(first.publishableKey);
  expect(second.mailUrl).toBe(first.mailUrl);
  expect((await second.admin`select body from public.notes order by id`).map((row) => row['body'])).toEqual([
    'seeded',
    'kept',
  ]);
  await expect(resetStack(dataDir)).rejects.toThrow(/already running/);
  await second.stop();

  await resetStack(dataDir);
  expect(existsSync(join(dataDir, 'secrets.json'))).toBe(false);
  const third = await startFixture({ dataDir });
  expect(third.isFirstStart).toBe(true);
  expect(third.publishableKey).not.toBe(first.publishableKey);
  expect(await third.admin`select from public.notes where body = 'kept'`).toHaveLength(0);
  await third.stop();
});

test('[STK3] a port in use is named, and nothing is left running', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await expect(startFixture({ port })).rejects.toThrow(
    `Port ${port} is in use by another program. Choose another: STACK_PORT=${port + 1} npm start`,
  );
  server.close();
});

test('[STK4] a data directory serves one stack at a time; the other one goes on', async () => {
  const dataDir = temporaryDirectory();
  const stack = await startFixture({ dataDir });
  await expect(startFixture({ dataDir })).rejects.toThrow(/already running on this data directory/);
  expect(await stack.admin`select 1 as one`).toHaveLength(1);
  await stack.stop();
});

test('[STK5] secrets are for their owner only; the database listens on this machine only', async () => {
  const dataDir = temporaryDirectory();
  const stack = await startFixture({ dataDir });
  expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600);
  const [settings] = await stack.admin`
    select current_setting('listen_addresses') as addresses, current_setting('wal_level') as wal,
      current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`;
  expect(settings).toEqual({ addresses: '127.0.0.1', wal: 'logical', fsync: 'on', commit: 'on' });
  const intruder = postgres(stack.databaseUrl.replace(/:[^:@]+@/, ':wrong@'), { max: 1 });
  await expect(intruder`select 1`).rejects.toThrow(/password authentication failed/);
  await intruder.end();
  await stack.stop();
});

test('[STK6] when the parent is killed nothing survives it, and the next start has the data', async () => {
  const dataDir = temporaryDirectory();
  const script = `
    import { startStack } from ${JSON.stringify(join(import.meta.dirname, '../../local/stack.ts'))};
    const stack = await startStack({
      projectDir: ${JSON.stringify(FIXTURE)}, dataDir: ${JSON.stringify(dataDir)}, port: ${await freePort()},
      functionEnvironment: {}, eager: ['echo'],
    });
    await stack.admin\`insert into public.notes (body) values ('before the kill')\`;
    console.log(stack.processes().echo[0]);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const functionPid = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)));
  const cluster = readFileSync(join(await clusterOf(dataDir), 'postmaster.pid'), 'utf8');
  const pids = [functionPid, Number(cluster.split('\n')[0])];
  expect(pids.map(isAlive)).toEqual([true, true]);
  parent.kill('SIGKILL');
  await eventually(
    async () => pids.map(isAlive),
    (alive) => !alive.includes(true),
    15_000,
  );

  const stack = await startFixture({ dataDir });
  expect(await stack.admin`select from public.notes where body = 'before the kill'`).toHaveLength(1);
  await stack.stop();
});

async function clusterOf(dataDir: string): Promise<string> {
  const location = join(dataDir, 'postgres-location.json');
  const home = existsSync(location)
    ? JSON.parse(readFileSync(location, 'utf8')).home
    : join(dataDir, 'postgres');
  return join(home, 'cluster');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
