import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { cleanUp, copyFixture, startFixture, temporaryDirectory } from './fixture-stack.ts';

let projectDir: string;
let dataDir: string;

const migration = (name: string) => join(projectDir, 'supabase', 'migrations', name);
const start = () => startFixture({ projectDir, dataDir });

beforeAll(async () => {
  projectDir = copyFixture();
  dataDir = temporaryDirectory();
  await (await start()).stop();
}, 120_000);
afterAll(cleanUp, 60_000);

async function inStack<Answer>(look: (stack: Stack) => Promise<Answer>): Promise<Answer> {
  const stack = await start();
  try {
    return await look(stack);
  } finally {
    await stack.stop();
  }
}

test('[MIG1] a migration that fails is named with its line, and nothing of anything pending is applied', async () => {
  writeFileSync(migration('20260201000000_good.sql'), 'create table public.good (id int);\n');
  writeFileSync(
    migration('20260201000001_bad.sql'),
    `create table public.half (id int);
-- An umlaut moves positions: ä
insert into public.half values (1);

create view public.nonsense as
  select missing_column from public.half;
`,
  );
  const place = `${relative(process.cwd(), migration('20260201000001_bad.sql'))}:6`;
  await expect(start()).rejects.toThrow(`${place}: column "missing_column" does not exist (SQLSTATE 42703)`);
  rmSync(migration('20260201000000_good.sql'));
  rmSync(migration('20260201000001_bad.sql'));
  const left = await inStack(
    ({ admin }) => admin`
    select to_regclass('public.good') as good, to_regclass('public.half') as half,
      (select max(version) from supabase_migrations.schema_migrations) as version`,
  );
  expect(left).toEqual([{ good: null, half: null, version: '20260101000002' }]);
}, 120_000);

test('[MIG2] an error that PostgreSQL places nowhere is found by its statement', async () => {
  const name = '20260201000002_late.sql';
  writeFileSync(
    migration(name),
    `create function public.nothing() returns void language plpgsql as $$
begin
  raise exception 'refused; really';
end $$;

/* here; not there */ select 'a;b';

select
  public.nothing();
`,
  );
  await expect(start()).rejects.toThrow(`${relative(process.cwd(), migration(name))}:8: refused; really`);
  rmSync(migration(name));
}, 60_000);

test('[MIG7] nor is anything applied where a file commits for itself, or fails only at its commit', async () => {
  const names = ['20260201000003_own.sql', '20260201000004_bad.sql'] as const;
  writeFileSync(migration(names[0]), 'begin;\ncreate table public.own (id int primary key);\ncommit;\n');
  const failing = {
    [`${names[1]}:3: relation "public.missing" does not exist`]:
      'begin;\n-- ä\ninsert into public.missing values (1);\ncommit;\n',
    [`${names[1]}: insert or update on table "other" violates foreign key`]: `create table public.other (
  id int references public.own deferrable initially deferred
);
insert into public.other values (1);
`,
  };
  for (const [said, sql] of Object.entries(failing)) {
    writeFileSync(migration(names[1]), sql);
    await expect(start()).rejects.toThrow(said);
  }
  for (const name of names) rmSync(migration(name));
  const left = await inStack(
    ({ admin }) => admin`select to_regclass('public.own') as own, to_regclass('public.other') as other`,
  );
  expect(left).toEqual([{ own: null, other: null }]);
}, 120_000);

test('[MIG3] migrations run as postgres, who may not do what it may not do on hosted Supabase', async () => {
  const name = '20260201000003_forbidden.sql';
  writeFileSync(migration(name), 'create function auth.mine() returns int language sql as $$ select 1 $$;\n');
  await expect(start()).rejects.toThrow(/_forbidden\.sql:1: permission denied for schema auth/);
  rmSync(migration(name));
}, 60_000);

test('[MIG4] a later migration is applied at the next start, and those before it not again', async () => {
  writeFileSync(
    migration('20260201000004_more.sql'),
    "alter table public.ticks add column more text default 'x';\n",
  );
  const applied = await inStack(
    ({ admin }) => admin`
    select version from supabase_migrations.schema_migrations order by version`,
  );
  expect(applied.map((row) => row['version'])).toEqual([
    '20260101000000',
    '20260101000001',
    '20260101000002',
    '20260201000004',
  ]);
  expect(await inStack(({ admin }) => admin`select from public.notes where body = 'seeded'`)).toHaveLength(1);
}, 120_000);

test('[MIG5] an applied migration that was edited, or that is gone, is named with what to do', async () => {
  const file = migration('20260101000001_jobs.sql');
  const sql = readFileSync(file, 'utf8');
  writeFileSync(file, `${sql}-- edited\n`);
  await expect(start()).rejects.toThrow(
    /_jobs\.sql has been edited since it was applied.*npm start -- --reset/s,
  );
  rmSync(file);
  await expect(start()).rejects.toThrow(/no longer there: 20260101000001.*npm start -- --reset/s);
  writeFileSync(file, sql);
}, 60_000);

test('[MIG6] a seed that fails is named with its line and tried again at the next start', async () => {
  const seedFile = join(projectDir, 'supabase', 'seed.sql');
  const seed = readFileSync(seedFile, 'utf8');
  dataDir = temporaryDirectory();
  writeFileSync(seedFile, `${seed}\ninsert into public.nowhere values (1);\n`);
  const line = seed.split('\n').length + 1;
  await expect(start()).rejects.toThrow(`seed.sql:${line}: relation "public.nowhere" does not exist`);
  writeFileSync(seedFile, seed);
  const seeded = await inStack(async ({ admin, isFirstStart }) => ({
    isFirstStart,
    notes: (await admin`select from public.notes where body = 'seeded'`).length,
  }));
  expect(seeded).toEqual({ isFirstStart: true, notes: 1 });
}, 120_000);
