import { expect, test } from 'vitest';
import { splitStatements } from './split-statements.ts';

const texts = (sql: string) => splitStatements(sql).map((statement) => statement.text);

test('[SPL1] splits at semicolons, without what surrounds a statement', () => {
  expect(splitStatements('select 1;\n\n -- two\nselect 2 ; ;')).toEqual([
    { text: 'select 1', offset: 0 },
    { text: 'select 2', offset: 19 },
  ]);
});

test('[SPL2] not inside quotes, whatever they escape', () => {
  expect(texts(`select 'a;''b;'; select E'\\';x'; select "a;""b"; select e'x\\\\'; select 1`)).toEqual([
    `select 'a;''b;'`,
    `select E'\\';x'`,
    `select "a;""b"`,
    `select e'x\\\\'`,
    'select 1',
  ]);
});

test('[SPL3] not inside dollar quotes, which nest by tag, nor at parameters', () => {
  expect(texts('do $$ begin; end $$; do $a$ x; $$ y; $$ $a$; select $1; select $2')).toEqual([
    'do $$ begin; end $$',
    'do $a$ x; $$ y; $$ $a$',
    'select $1',
    'select $2',
  ]);
});

test('[SPL4] not inside comments, which nest', () => {
  expect(texts('select 1 -- a; b\n; /* c; /* d; */ e; */ select 2')).toEqual([
    'select 1 -- a; b',
    'select 2',
  ]);
});

test('[SPL5] not inside an SQL body, whose case has an end of its own', () => {
  const sql =
    'create function f() returns int begin atomic select 1; select case when true then 2 end; end; select 3';
  expect(texts(sql)).toHaveLength(2);
});

test('[SPL6] offsets count characters, not UTF-16 units', () => {
  expect(splitStatements("select '😀'; select 2")[1]).toEqual({ text: 'select 2', offset: 12 });
});
