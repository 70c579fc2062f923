import { randomUUID } from 'node:crypto';
import { expect } from '@playwright/test';

import { operatorSql } from '../support/database.ts';
import { makeAgent } from '../support/make-agent.ts';
import { expectPresentable } from './expect-presentable.ts';
import { figureOf, makeOffice, type OfficeOrganization } from './make-office.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';
import { watchConsole } from './watch-console.ts';

// Pictures are taken anyway; a trace of them all takes longer than the tests.
test.use({ trace: 'off' });

/** A task as an executor would have left it; due in a far future, so that none takes it up. */
async function addTask(
  { organizationId, owner }: OfficeOrganization,
  agentId: string,
  task: {
    title: string;
    status: string;
    costUsd: string;
    parentId?: string;
    approverId?: string;
    code?: string;
    leaseUntil?: string;
  },
): Promise<string> {
  const isRunning = task.status === 'in_progress';
  const isFailed = task.status === 'failed';
  const [row] = await operatorSql()`
    insert into public.tasks (organization_id, agent_id, parent_id, title, status, cost_usd, created_by, approver_id,
      needs_approval, result, due_at, lease_token, lease_until, failure_code, failure_message, finished_at)
    values (${organizationId}, ${agentId}, ${task.parentId ?? null}, ${task.title}, ${task.status}::public.task_status,
      ${task.costUsd}, ${owner.userId}, ${task.approverId ?? null}, ${task.approverId !== undefined}, 'Done', '2100-01-01',
      ${isRunning ? randomUUID() : null}, ${isRunning ? (task.leaseUntil ?? '2100-01-01') : null}, ${task.code ?? null},
      ${task.code === undefined ? null : 'There is no room for it in the budget.'}, ${isFailed ? new Date() : null})
    returning id`;
  return String(row?.['id']);
}

test('[OFFC7] a busy office is fit to be seen, wide and narrow, light and dark', async ({ browser }) => {
  const office = await makeOffice();
  const { slug, owner, member, admin, nora } = office;
  const names = ['Scout', 'Quill', 'Ledger', 'Pixel', 'Echo', 'Atlas', 'Flow'];
  const ids: string[] = [];
  // One after another: each has its desk by when it came.
  for (const name of names) ids.push(await makeAgent(office, { name }));
  const [scout = '', quill = '', ledger = '', pixel = '', , atlas = '', flow = ''] = ids;
  await addTask(office, nora, { title: 'Draft the launch post', status: 'in_progress', costUsd: '0.0312' });
  await addTask(office, scout, {
    title: 'Compare three crawlers',
    status: 'failed',
    costUsd: '0.2',
    code: 'step_limit',
  });
  const whole = await addTask(office, quill, {
    title: 'Plan the webinar',
    status: 'in_progress',
    costUsd: '0.01',
  });
  const part = { title: 'Price the webinar', status: 'in_progress', costUsd: '0.02', parentId: whole };
  await addTask(office, ledger, part);
  const notes = { title: 'Write the release notes', status: 'awaiting_approval', costUsd: '0.11' };
  await addTask(office, pixel, { ...notes, approverId: admin.userId });
  const blocked = {
    title: 'Translate the handbook',
    status: 'failed',
    costUsd: '0',
    code: 'budget_exceeded',
  };
  await addTask(office, atlas, blocked);
  // Whoever worked on it has died, and nobody has taken it over yet.
  const stalled = {
    title: 'Index the archive',
    status: 'in_progress',
    costUsd: '0',
    leaseUntil: '2020-01-01',
  };
  await addTask(office, flow, stalled);
  await operatorSql()`
    update public.agents set is_active = false where organization_id = ${office.organizationId} and name = 'Echo'`;
  const [page, theirs] = await Promise.all([openSignedIn(browser, owner), openSignedIn(browser, member)]);
  const log = watchConsole(page);
  await theirs.goto(`/${slug}/usage`);
  await page.goto(`/${slug}/office`);
  await expect(figureOf(page, 'Mira Member')).toBeVisible({ timeout: 30_000 });
  await expect(figureOf(page, 'Quill')).toHaveAttribute('data-place', 'meeting/2');
  await expect(figureOf(page, 'Nora')).toHaveAccessibleName(
    'Nora. Working at the desk: Draft the launch post',
  );
  await expect(figureOf(page, 'Flow')).toHaveAccessibleName(
    'Flow. At the desk, waiting to go on: Index the archive',
  );
  await expect(figureOf(page, 'Atlas')).toHaveAccessibleName(/Blocked: Translate the handbook/);
  await expectPresentable(page, 'office');
  expect(log.errors).toEqual([]);
});
