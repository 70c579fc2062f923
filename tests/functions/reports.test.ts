import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { ReportResult } from '../../supabase/functions/_shared/contracts/reporting.ts';
import { operatorSql } from '../support/database.ts';
import { makeOrganization, type Organization } from '../support/organization.ts';
import type { Person } from '../support/person.ts';
import { readReady } from '../support/ready.ts';

let organization: Organization;
beforeAll(async () => {
  organization = await makeOrganization();
});

const Answer = z.object({
  success: z.boolean(),
  data: ReportResult.optional(),
  error: z.looseObject({ code: z.string(), message: z.string() }).optional(),
});

async function runAs(
  person: Person,
  query: string,
  { runId = randomUUID(), organizationId = '' }: { runId?: string; organizationId?: string } = {},
) {
  const response = await fetch(`${readReady().url}/functions/v1/reporting/run`, {
    method: 'POST',
    headers: { authorization: `Bearer ${person.accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ organizationId: organizationId || organization.organizationId, runId, query }),
  });
  return { status: response.status, ...Answer.parse(await response.json()) };
}

async function countRunning(...runIds: string[]): Promise<number> {
  const names = runIds.map((runId) => `report ${runId}`);
  return (await operatorSql()`select from pg_stat_activity where application_name = any (${names})`).length;
}

test('[RUN1] admins get rows with every digit, members are refused, strangers find nothing', async () => {
  const { admin, member, outsider, organizationId } = organization;
  const query = `select id, 12345678901234567890.1234567890::numeric as amount, null as nothing, now() as at from organization`;
  const { data } = await runAs(admin, query);
  expect(data?.columns).toEqual([
    { name: 'id', kind: 'text' },
    { name: 'amount', kind: 'number' },
    { name: 'nothing', kind: 'text' },
    { name: 'at', kind: 'time' },
  ]);
  expect(data?.rows[0]?.slice(0, 3)).toEqual([organizationId, '12345678901234567890.1234567890', null]);
  expect(await runAs(member, query)).toMatchObject({ status: 403, error: { code: 'role_required' } });
  expect(await runAs(outsider, query)).toMatchObject({
    status: 404,
    error: { code: 'organization_not_found' },
  });
});

test('[RUN2] the same organization’s login runs them all, also when the first come at once', async () => {
  const fresh = await makeOrganization();
  const { organizationId } = fresh;
  const answers = await Promise.all(
    [fresh.owner, fresh.admin].map((person) =>
      runAs(person, 'select session_user::text', { organizationId }),
    ),
  );
  const roles = answers.map(({ data }) => data?.rows[0]?.[0]);
  expect(roles[0]).toMatch(/^khqr_/);
  expect(roles[1]).toBe(roles[0]);
  const known = await operatorSql()`
    select role_name from private.reporting_roles where organization_id = ${organizationId}`;
  expect(known.map(({ role_name }) => String(role_name))).toEqual([roles[0]]);
});

test('[RUN3] a query that is wrong is told in Postgres’ words, with its place', async () => {
  expect(await runAs(organization.owner, 'select model,\n foo from usage')).toMatchObject({
    status: 400,
    error: { code: 'query_failed', sqlstate: '42703', position: 16, reason: 'column "foo" does not exist' },
  });
  expect(await runAs(organization.owner, '   ')).toMatchObject({
    status: 400,
    error: { code: 'invalid_request' },
  });
});

test.each([
  'select 1; select 2',
  'delete from usage',
  'commit',
  'set statement_timeout = 0',
  'copy usage to stdout',
  'with gone as (delete from projects returning 1) select * from gone',
  'select * from public.organizations',
  'select lo_create(0)',
  'select 1 into temp x',
])('[RUN4] “%s” is no report', async (query) => {
  expect(await runAs(organization.owner, query)).toMatchObject({
    status: 400,
    error: { code: 'query_failed' },
  });
});

test('[RUN5] an answer has so many rows and says that there are more', async () => {
  const { data } = await runAs(organization.owner, 'select generate_series(1, 10001)');
  expect(data?.rows).toHaveLength(10_000);
  expect(data?.isTruncated).toBe(true);
  const whole = await runAs(organization.owner, 'select generate_series(1, 10000)');
  expect(whole.data?.rows).toHaveLength(10_000);
  expect(whole.data?.isTruncated).toBe(false);
  const none = await runAs(organization.owner, 'select 1 as one where false');
  expect(none.data).toMatchObject({ columns: [{ name: 'one', kind: 'number' }], rows: [] });
});

test('[RUN6] a value without end is refused, and the next report runs', async () => {
  const { owner } = organization;
  expect(await runAs(owner, `select repeat('x', 200000000)`)).toMatchObject({
    status: 400,
    error: { code: 'report_too_large' },
  });
  expect(await runAs(owner, 'select 1')).toMatchObject({ status: 200 });
});

test('[RUN7] who started a report, or another admin, can cancel it; nobody else', async () => {
  const { owner, admin, member, outsider, organizationId } = organization;
  const runId = randomUUID();
  const running = runAs(owner, 'select pg_sleep(25)', { runId });
  await expect.poll(() => countRunning(runId)).toBe(1);
  const cancel = ({ db }: Person) =>
    db.rpc('cancel_report', { organization_id: organizationId, run_id: runId });
  expect((await cancel(member)).status).toBe(403);
  expect((await cancel(outsider)).status).toBe(404);
  expect((await cancel(admin)).data).toBe(true);
  expect(await running).toMatchObject({ status: 409, error: { code: 'report_ended' } });
  expect((await cancel(admin)).data).toBe(false);
  await expect.poll(() => countRunning(runId)).toBe(0);
});

test('[RUN8] beyond three at once they are asked to wait', async () => {
  const runIds = Array.from({ length: 3 }, () => randomUUID());
  const running = Promise.all(
    runIds.map((runId) => runAs(organization.owner, 'select pg_sleep(8)', { runId })),
  );
  await expect.poll(() => countRunning(...runIds)).toBe(3);
  const more = [1, 2].map(() => runAs(organization.owner, 'select 1'));
  expect((await Promise.all(more)).map(({ status }) => status)).toEqual([429, 429]);
  expect((await running).map(({ status }) => status)).toEqual([200, 200, 200]);
});
