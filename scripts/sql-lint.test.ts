import { expect, test } from 'vitest';
import { lintSql } from './sql-lint.ts';

const messages = (sql: string): string[] => lintSql(sql).map(({ line, message }) => `${line}: ${message}`);

const wholeTable = `
-- prose; with a semicolon
create table public.budgets (
  id uuid primary key,
  limit_usd numeric not null default 0, -- check (this is prose)
  constraint budgets_limit_positive check (limit_usd >= 0)
);
comment on table public.budgets is 'What may be spent; at most.';
alter table public.budgets enable row level security;
create policy "members read budgets" on public.budgets for select to authenticated
  using (organization_id in (select private.my_organization_ids()));
`;

test('[SQL1] a table that reads whole has no findings', () => {
  expect(messages(wholeTable)).toEqual([]);
});

test('[SQL2] a table needs a schema, a comment and row level security', () => {
  expect(messages('create table budgets (id uuid);')).toEqual([
    '1: table budgets names no schema',
    '1: table budgets has no comment',
    '1: table budgets has no row level security',
  ]);
});

test('[SQL3] constraints are named after their table', () => {
  const sql = wholeTable
    .replace('budgets_limit_positive', 'limit_positive')
    .replace('default 0', 'default 0 check (limit_usd > 1)');
  expect(messages(sql)).toEqual([
    '3: a check (…) of budgets has no name',
    '3: constraint limit_positive should be called budgets_…',
  ]);
});

test('[SQL4] a function pins its search path and says why it is a definer', () => {
  const sql = `
    create function private.f() returns int language sql security definer as $$ select 1; $$;
    create function private.g() returns int
      -- definer: reads past the policies
      language sql security definer set search_path = '' as $$ select 1; $$;`;
  expect(messages(sql)).toEqual([
    "2: private.f has no set search_path = ''",
    '2: private.f is security definer and has no line "-- definer: why"',
  ]);
});

test('[SQL5] a policy is a sentence for one command and one role', () => {
  expect(messages('create policy read_all on public.budgets for all using (true);')).toEqual([
    '1: policy read_all is not named by a sentence',
    '1: policy read_all is not for one command',
    '1: policy read_all names no role',
    '1: policy read_all lets anyone in without saying "everyone"',
  ]);
  expect(
    messages('create policy "everyone reads plans" on public.plans for select to anon using (true);'),
  ).toEqual([]);
});
