import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseCsv } from '../e2e/parse-csv.ts';
import { addPastCall, correctCall } from '../support/add-past-call.ts';
import { makeCaller, type Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { makeOrganization, makeProject } from '../support/organization.ts';
import type { Person } from '../support/person.ts';
import { refusalOf } from './refusal.ts';

/** The first day of the month so many months ago, and an instant in it, in UTC. */
const monthAgo = (months: number): string => {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1)).toISOString().slice(0, 10);
};
const within = (month: string, time = '15T12:00:00Z'): Date => new Date(`${month.slice(0, 8)}${time}`);

const close = ({ owner, organizationId }: Pick<Caller, 'owner' | 'organizationId'>, month: string) =>
  owner.db.rpc('close_month', { organization_id: organizationId, month });

async function closed(caller: Caller, month: string) {
  const { data: id, error } = await close(caller, month);
  if (error) throw error;
  const { data: statement } = await caller.owner.db
    .from('statements')
    .select('month, calls, usage_usd::text, adjustments_usd::text, total_usd::text, checksum, closed_by')
    .eq('id', id)
    .single();
  const { data: lines } = await caller.owner.db
    .from('statement_lines')
    .select('dimension, key, label, usage_month, calls, cost_usd::text')
    .eq('statement_id', id)
    .order('position');
  if (!statement || !lines) throw new Error('No statement.');
  return { id, statement, lines };
}

async function readSums({ organizationId }: Caller, endsAt: string) {
  const [sums] = await operatorSql()`
    select (select coalesce(sum(cost_usd), 0)::text from public.ai_usage
        where organization_id = ${organizationId} and created_at < ${endsAt}::timestamptz) as ledger,
      (select coalesce(sum(total_usd), 0)::text from public.statements where organization_id = ${organizationId}) as statements`;
  return sums;
}

test('[STM1] a month is stated per project, person and tag, each of which adds up to the ledger', async () => {
  const caller = await makeCaller(null);
  const other = await makeProject(caller.organizationId, caller.owner, 'Other');
  const at = within(monthAgo(1));
  await addPastCall(caller, { at, costUsd: '0.1000000001', userId: caller.owner.userId, tags: ['a', 'b'] });
  await addPastCall(caller, { at, costUsd: '0.2', userId: 'somebody', tags: ['b'], projectId: other });
  await addPastCall(caller, { at, costUsd: '0.4' });
  // Of the month before and the one after nothing is stated here.
  await addPastCall(caller, { at: within(monthAgo(0), '01T00:00:00Z'), costUsd: '8' });
  const { statement, lines } = await closed(caller, monthAgo(1));
  expect(statement).toMatchObject({
    month: monthAgo(1),
    calls: 3,
    usage_usd: '0.7000000001',
    adjustments_usd: '0.0000000000',
    total_usd: '0.7000000001',
    closed_by: caller.owner.userId,
  });
  expect(lines.map(({ dimension, label, calls, cost_usd }) => [dimension, label, calls, cost_usd])).toEqual([
    ['organization', expect.any(String), 3, '0.7000000001'],
    ['project', 'Project', 2, '0.5000000001'],
    ['project', 'Other', 1, '0.2000000000'],
    ['user', 'Not attributed', 1, '0.4000000000'],
    ['user', 'somebody', 1, '0.2000000000'],
    ['user', caller.owner.email, 1, '0.1000000001'],
    ['tag', 'Without a tag', 1, '0.4000000000'],
    ['tag', 'b', 2, '0.3000000001'],
    ['tag', 'a', 1, '0.1000000001'],
  ]);
  expect(await readSums(caller, monthAgo(0))).toEqual({ ledger: '0.7000000001', statements: '0.7000000001' });
});

test('[STM2] what is corrected later is an adjustment in the next statement, and never in the closed one', async () => {
  const caller = await makeCaller(null);
  const estimated = await addPastCall(caller, { at: within(monthAgo(2)), costUsd: '5', tags: ['batch'] });
  await addPastCall(caller, { at: within(monthAgo(2)), costUsd: '1', userId: 'ann' });
  const first = await closed(caller, monthAgo(2));
  await correctCall(estimated, '2.25');
  // One that was in flight when the month was closed.
  await addPastCall(caller, { at: within(monthAgo(2)), costUsd: '0.5', userId: 'bob' });
  await addPastCall(caller, { at: within(monthAgo(1)), costUsd: '3', userId: 'ann' });
  const second = await closed(caller, monthAgo(1));
  expect(second.statement).toMatchObject({
    usage_usd: '3.0000000000',
    adjustments_usd: '-2.2500000000',
    total_usd: '0.7500000000',
  });
  const adjustments = second.lines.filter(({ usage_month }) => usage_month === monthAgo(2));
  expect(adjustments.map(({ dimension, label, cost_usd }) => [dimension, label, cost_usd])).toEqual([
    ['organization', expect.any(String), '-2.2500000000'],
    ['project', 'Project', '-2.2500000000'],
    ['user', 'bob', '0.5000000000'],
    ['user', 'Not attributed', '-2.7500000000'],
    ['tag', 'Without a tag', '0.5000000000'],
    ['tag', 'batch', '-2.7500000000'],
  ]);
  expect(await readSums(caller, monthAgo(0))).toEqual({ ledger: '6.7500000000', statements: '6.7500000000' });
  const { data } = await caller.owner.db
    .from('statements')
    .select('total_usd::text, checksum')
    .eq('id', first.id)
    .single();
  expect(data).toEqual({ total_usd: '6.0000000000', checksum: first.statement.checksum });
});

test('[STM3] the statements add up to the ledger even where the organization moved to another zone between them', async () => {
  const caller = await makeCaller(null);
  // In Auckland the month after has begun at both.
  for (const months of [3, 2, 1])
    await addPastCall(caller, { at: new Date(Date.parse(monthAgo(months - 1)) - 3_600_000), costUsd: '1' });
  await closed(caller, monthAgo(3));
  await caller.owner.db
    .from('organizations')
    .update({ time_zone: 'Pacific/Auckland' })
    .eq('id', caller.organizationId);
  const second = await closed(caller, monthAgo(2));
  // The first call is of this month now, the second of the next.
  expect(second.statement).toMatchObject({
    usage_usd: '1.0000000000',
    adjustments_usd: '-1.0000000000',
  });
  const third = await closed(caller, monthAgo(1));
  expect(third.statement).toMatchObject({ usage_usd: '1.0000000000', adjustments_usd: '0.0000000000' });
  const [bound] = await operatorSql()`select max(ends_at)::text as ends_at from public.statements
    where organization_id = ${caller.organizationId}`;
  expect(await readSums(caller, String(bound?.['ends_at']))).toEqual({
    ledger: '2.0000000000',
    statements: '2.0000000000',
  });
});

test('[STM4] months are closed in order, once each, and only when they are over', async () => {
  const caller = await makeCaller(null);
  expect(refusalOf(await close(caller, monthAgo(1)))).toMatchObject({
    status: 409,
    code: 'close_earlier_first',
  });
  await addPastCall(caller, { at: within(monthAgo(2)), costUsd: '1' });
  expect(refusalOf(await close(caller, monthAgo(1)))).toMatchObject({
    status: 409,
    code: 'close_earlier_first',
    details: { month: monthAgo(2) },
  });
  await closed(caller, monthAgo(2));
  expect(refusalOf(await close(caller, monthAgo(2)))).toMatchObject({ status: 409, code: 'month_is_closed' });
  // A month without calls is closed like any other.
  expect((await closed(caller, monthAgo(1))).lines).toEqual([]);
  expect(refusalOf(await close(caller, monthAgo(0)))).toMatchObject({ status: 409, code: 'month_not_over' });
  const { data } = await caller.owner.db
    .rpc('next_statement', { organization_id: caller.organizationId })
    .single();
  expect(data).toMatchObject({ month: monthAgo(0), is_over: false });
});

test('[STM5] of two admins who close a month at once one does, and the other is told', async () => {
  const caller = await makeCaller(null);
  await addPastCall(caller, { at: within(monthAgo(2)), costUsd: '1' });
  const answers = await Promise.all(Array.from({ length: 6 }, () => close(caller, monthAgo(2))));
  expect(answers.filter(({ error }) => error === null)).toHaveLength(1);
  for (const { error } of answers.filter((answer) => answer.error !== null))
    expect(error?.message).toBe('month_is_closed');
  expect(await readSums(caller, monthAgo(1))).toEqual({ ledger: '1.0000000000', statements: '1.0000000000' });
});

test('[STM6] the checksum is the SHA-256 of the CSV, whose lines are the statement’s', async () => {
  const caller = await makeCaller(null);
  await addPastCall(caller, {
    at: within(monthAgo(1)),
    costUsd: '0.25',
    userId: '=cmd()',
    tags: ['with "quotes", commas', '+1'],
  });
  const { id, statement, lines } = await closed(caller, monthAgo(1));
  const { data: csv } = await caller.owner.db.rpc('statement_csv', { id });
  expect(
    createHash('sha256')
      .update(csv ?? '')
      .digest('hex'),
  ).toBe(statement.checksum);
  const rows = parseCsv(csv ?? '');
  expect(rows).toHaveLength(lines.length);
  expect(rows.map((row) => row['cost_usd'])).toEqual(lines.map(({ cost_usd }) => cost_usd));
  expect(rows.map((row) => row['key'])).toEqual(
    expect.arrayContaining([`'=cmd()`, 'with "quotes", commas', `'+1`]),
  );
  const { data: preview } = await caller.owner.db.rpc('preview_statement', {
    organization_id: caller.organizationId,
  });
  expect(preview).toEqual([]);
});

test('[STM7] a closed statement is changed by nobody, not even its database’s owner, and goes with the organization', async () => {
  const caller = await makeCaller(null);
  await addPastCall(caller, { at: within(monthAgo(1)), costUsd: '1' });
  const { id } = await closed(caller, monthAgo(1));
  const sql = operatorSql();
  for (const table of ['statements', 'statement_lines']) {
    const column = table === 'statements' ? 'id' : 'statement_id';
    await expect(
      sql.unsafe(`update public.${table} set calls = 0 where ${column} = '${id}'`),
    ).rejects.toThrow('statement_is_final');
    await expect(sql.unsafe(`delete from public.${table} where ${column} = '${id}'`)).rejects.toThrow(
      'statement_is_final',
    );
  }
  const { error } = await caller.owner.db.rpc('delete_organization', {
    organization_id: caller.organizationId,
    slug: await slugOf(caller.owner),
  });
  expect(error).toBeNull();
  expect(await sql`select from public.statement_lines where statement_id = ${id}`).toHaveLength(0);
});

async function slugOf({ db }: Person): Promise<string> {
  const { data } = await db.from('organizations').select('slug').single();
  return data?.slug ?? '';
}

test('[STM8] members see and close nothing; closing is in the audit log', async () => {
  const { owner, member, organizationId, projectId } = await makeOrganization();
  await addPastCall({ organizationId, projectId }, { at: within(monthAgo(1)), costUsd: '1' });
  const refused = { status: 403, code: 'role_required' };
  expect(refusalOf(await close({ owner: member, organizationId }, monthAgo(1)))).toMatchObject(refused);
  for (const name of ['next_statement', 'preview_statement'] as const)
    expect(refusalOf(await member.db.rpc(name, { organization_id: organizationId }))).toMatchObject(refused);
  const { data: id } = await close({ owner, organizationId }, monthAgo(1));
  expect((await member.db.from('statements').select()).data).toEqual([]);
  expect((await member.db.from('statement_lines').select()).data).toEqual([]);
  expect(refusalOf(await member.db.rpc('statement_csv', { id: id ?? '' }))).toMatchObject({
    status: 404,
    code: 'statement_not_found',
  });
  const { data } = await owner.db
    .from('audit_log')
    .select('action, actor_id')
    .eq('subject_id', id ?? '')
    .single();
  expect(data).toEqual({ action: 'statement.created', actor_id: owner.userId });
});

test('[STM9] a preview is what closing then states', async () => {
  const caller = await makeCaller(null);
  await addPastCall(caller, { at: within(monthAgo(2)), costUsd: '1.5', tags: ['x'] });
  const { data: preview } = await caller.owner.db.rpc('preview_statement', {
    organization_id: caller.organizationId,
  });
  const { lines } = await closed(caller, monthAgo(2));
  expect(
    preview?.map(({ dimension, key, label, usage_month, calls, cost_usd }) => ({
      dimension,
      key,
      label,
      usage_month,
      calls,
      cost_usd,
    })),
  ).toEqual(lines);
});

test('[STM10] where a month begins with an hour that comes twice, calls of either are of that month, folded or not', async () => {
  const zone = 'America/Havana';
  for (const hasDays of [false, true]) {
    const caller = await makeCaller(null);
    const { organizationId } = caller;
    await operatorSql()`update public.organizations set time_zone = ${zone} where id = ${organizationId}`;
    if (hasDays) {
      await operatorSql()`
        update private.usage_calendars set time_zone = ${zone} where organization_id = ${organizationId}`;
    }
    // Its clocks went back from one to midnight on the first of November.
    const times = ['2020-11-01T03:30:00Z', '2020-11-01T04:30:00Z', '2020-11-01T05:30:00Z'];
    for (const at of times) await addPastCall(caller, { at: new Date(at), costUsd: '0.1', tags: ['a'] });
    const read = async () => [
      ...(await operatorSql()`
        select dimension, usage_month::text as month, calls::int
        from private.usage_by_month(${organizationId}, ${zone}, '2020-11-01'::timestamp at time zone ${zone})
        where dimension in ('organization', 'tag') order by 1, 2`),
    ];
    const expected = [
      { dimension: 'organization', month: '2020-10-01', calls: 1 },
      { dimension: 'tag', month: '2020-10-01', calls: 1 },
    ];
    expect(await read()).toEqual(expected);
    await operatorSql()`select private.fold_usage()`;
    expect(await read()).toEqual(expected);
  }
});
