import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { runCommand } from '../../scripts/run-command.ts';
import { operatorSql } from '../support/database.ts';
import { readReady } from '../support/ready.ts';
import { advisorExceptions, type AdvisorException } from './advisor-exceptions.ts';

const Finding = z.object({
  name: z.string(),
  level: z.enum(['INFO', 'WARN', 'ERROR']),
  detail: z.string(),
  metadata: z.object({ schema: z.string().default(''), name: z.string().default('') }).default({
    schema: '',
    name: '',
  }),
});
type Finding = z.infer<typeof Finding>;

test('[ADV1] the official advisors report nothing that is not listed with its reason', async () => {
  const findings = await advise(readReady().databaseUrl);
  const unexpected = findings.filter((finding) => !advisorExceptions.some((known) => covers(known, finding)));
  expect(unexpected).toEqual([]);
});

test('[ADV2] no error and no warning is excepted', async () => {
  const findings = await advise(readReady().databaseUrl, 'warn');
  expect(findings).toEqual([]);
});

test('[ADV3] the advisors do look: a table without row-level security is an error', async () => {
  const database = `advisors_${randomUUID().replaceAll('-', '')}`;
  await operatorSql().unsafe(`create database ${database}`);
  try {
    const url = new URL(readReady().databaseUrl);
    url.pathname = database;
    const sql = postgres(url.href, { max: 1 });
    await sql`create table public.open_to_all (id int primary key)`;
    await sql`grant select on public.open_to_all to anon`;
    await sql.end();
    const findings = await advise(url.href, 'error');
    expect(findings.map(({ name, metadata }) => [name, metadata.name])).toEqual([
      ['rls_disabled_in_public', 'open_to_all'],
    ]);
  } finally {
    await operatorSql().unsafe(`drop database ${database} with (force)`);
  }
});

const covers = (known: AdvisorException, { name, metadata }: Finding): boolean =>
  known.lint === name &&
  known.schema === metadata.schema &&
  (known.table === undefined || known.table === metadata.name);

async function advise(databaseUrl: string, level: 'info' | 'warn' | 'error' = 'info'): Promise<Finding[]> {
  const { code, output } = await runCommand(
    'supabase',
    ['db', 'advisors', `--remote=${databaseUrl}`, '--type=all', `--level=${level}`, '--output-format=json'],
    { cwd: tmpdir(), env: { PGSSLMODE: 'disable', SUPABASE_TELEMETRY_DISABLED: '1' }, keep: 'stdout' },
  );
  if (code !== 0) throw new Error(output);
  return z.object({ results: z.array(Finding) }).parse(JSON.parse(output)).results;
}
