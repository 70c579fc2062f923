import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { addToMonths } from '../support/add-to-months.ts';
import type { Caller } from '../support/caller.ts';
import { operatorSql } from '../support/database.ts';
import { makeSpender } from './make-spender.ts';

const DryRun = z.object({
  calls: z.number(),
  cost_usd: z.coerce.number(),
  refused_calls: z.number(),
  refused_usd: z.coerce.number(),
  first_refused_at: z.string().nullable(),
});

/** As of the middle of November 2026: last month is October. */
const at = '2026-11-15T12:00:00Z';

type Call = { at: string; usd: number | null; status?: string; tags?: string[]; userId?: string };

async function addCalls({ organizationId, projectId }: Caller, calls: Call[]): Promise<void> {
  await addToMonths('2026-09-01', '2026-11-01', async (sql) => {
    for (const { at: created, usd, status = 'succeeded', tags = [], userId = null } of calls) {
      await sql`
      insert into public.ai_usage (id, organization_id, project_id, proxy_key_id, user_id, tags, dialect, operation, provider,
        model, status, cost_usd, request_id, created_at, settled_at)
      values (${randomUUID()}, ${organizationId}, ${projectId}, ${randomUUID()}, ${userId}, ${tags}, 'openai',
        'chat.completions', 'openai', 'm', ${status}, ${usd}, 'r', ${created}, ${created})`;
    }
  });
}

async function dryRun({ organizationId, owner }: Caller, values: Record<string, unknown>) {
  const { data, error } = await owner.db
    .rpc('dry_run_budget', {
      organization_id: organizationId,
      scope: 'organization',
      scope_id: organizationId,
      period: 'month',
      limit_usd: 1,
      at,
      ...values,
    })
    .single();
  if (error) throw error;
  return DryRun.parse(data);
}

test('[DRY1] last month’s calls are walked in order: what does not fit is refused, smaller ones after it may fit', async () => {
  const caller = await makeSpender();
  await addCalls(caller, [
    { at: '2026-09-30T23:59:59Z', usd: 100 },
    { at: '2026-10-01T00:00:00Z', usd: 0.6 },
    { at: '2026-10-02T00:00:00Z', usd: 0.5 },
    { at: '2026-10-03T00:00:00Z', usd: 0.4 },
    { at: '2026-10-04T00:00:00Z', usd: 0.1 },
    { at: '2026-10-05T00:00:00Z', usd: null },
    { at: '2026-10-06T00:00:00Z', usd: 0, status: 'refused' },
    { at: '2026-11-01T00:00:00Z', usd: 100 },
  ]);
  expect(await dryRun(caller, {})).toEqual({
    calls: 5,
    cost_usd: 1.6,
    refused_calls: 2,
    refused_usd: 0.6,
    first_refused_at: expect.stringContaining('2026-10-02T00:00:00'),
  });
  expect(await dryRun(caller, { limit_usd: 2 })).toMatchObject({ refused_calls: 0, first_refused_at: null });
  expect(await dryRun(caller, { limit_usd: 0 })).toMatchObject({ refused_calls: 5, refused_usd: 1.6 });
});

test('[DRY2] days and weeks begin anew, by the organization’s calendar; a week may begin in the month before', async () => {
  const caller = await makeSpender();
  await operatorSql()`update public.organizations set time_zone = 'Europe/Berlin' where id = ${caller.organizationId}`;
  await addCalls(caller, [
    // Monday to Wednesday of the week in which October begins.
    { at: '2026-09-28T10:00:00Z', usd: 0.9 },
    { at: '2026-10-01T10:00:00Z', usd: 0.2 },
    { at: '2026-10-04T21:59:00Z', usd: 0.2 },
    { at: '2026-10-04T22:01:00Z', usd: 0.9 },
    { at: '2026-10-05T21:59:00Z', usd: 0.2 },
    { at: '2026-10-05T22:01:00Z', usd: 0.1 },
  ]);
  expect(await dryRun(caller, { period: 'week' })).toMatchObject({
    calls: 5,
    refused_calls: 3,
    refused_usd: 0.6,
  });
  expect(await dryRun(caller, { period: 'day' })).toMatchObject({
    calls: 5,
    refused_calls: 1,
    refused_usd: 0.2,
  });
});

test('[DRY3] only the calls that it would bind count', async () => {
  const caller = await makeSpender();
  await addCalls(caller, [
    { at: '2026-10-01T10:00:00Z', usd: 3, tags: ['a', 'batch'], userId: 'ann' },
    { at: '2026-10-02T10:00:00Z', usd: 5, userId: 'bob' },
  ]);
  const refused = async (scope: string, scope_id: string) =>
    (await dryRun(caller, { scope, scope_id })).refused_usd;
  expect(await refused('tag', 'batch')).toBe(3);
  expect(await refused('user', 'bob')).toBe(5);
  expect(await refused('project', caller.projectId)).toBe(8);
  expect(await refused('agent', 'bot')).toBe(0);
});

test('[DRY4] last month is the one before also where this one began with an hour that came twice', async () => {
  const caller = await makeSpender();
  await operatorSql()`update public.organizations set time_zone = 'America/Havana' where id = ${caller.organizationId}`;
  await addCalls(caller, [
    { at: '2026-10-15T12:00:00Z', usd: 0.5 },
    { at: '2026-11-01T04:30:00Z', usd: 100 },
  ]);
  expect(await dryRun(caller, {})).toMatchObject({ calls: 1, cost_usd: 0.5, refused_calls: 0 });
});
