import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect } from '@playwright/test';
import { addPastCall, correctCall } from '../support/add-past-call.ts';
import { operatorSql } from '../support/database.ts';
import { addMember, makeProject } from '../support/organization.ts';
import { expectPresentable, wide } from './expect-presentable.ts';
import { makeSandboxOrganization } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { parseCsv } from './parse-csv.ts';
import { test } from './test.ts';

const monthAgo = (months: number): Date => {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 10, 12));
};
const nameOf = (month: Date): string =>
  new Intl.DateTimeFormat('en-US', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(month);

test('[STATE1] months are closed one after the other; what was corrected between is an adjustment; the file is what the checksum says', async ({
  browser,
}) => {
  const caller = await makeSandboxOrganization();
  const { organizationId, owner, slug } = caller;
  const [earlier, later] = [monthAgo(2), monthAgo(1)];
  const other = await makeProject(organizationId, owner, 'Newsletter');
  const estimated = await addPastCall(caller, { at: earlier, costUsd: '12.5', tags: ['batch'] });
  for (const [index, userId] of ['ann@example.com', 'bob@example.com', owner.userId].entries()) {
    await addPastCall(caller, { at: earlier, costUsd: `${index + 1}.25`, userId, tags: ['chat', 'beta'] });
    await addPastCall(caller, { at: later, costUsd: `${index + 1}.0000000001`, userId, projectId: other });
  }
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/statements`);
  await expect(page.getByText('No month is closed yet.')).toBeVisible();
  await page.getByRole('button', { name: `Close ${nameOf(earlier)}` }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('$19.25');
  await expectPresentable(page, 'close-month', { isOverlay: true });
  await page.setViewportSize(wide);
  await dialog.getByRole('button', { name: `Close ${nameOf(earlier)}` }).click();
  await expect(page.getByRole('heading', { level: 1, name: nameOf(earlier) })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Projects' })).toContainText('$19.25');

  await correctCall(estimated, '2.5');
  await page.getByRole('main').getByRole('link', { name: 'Statements' }).click();
  await page.getByRole('button', { name: `Close ${nameOf(later)}` }).click();
  await dialog.getByRole('button', { name: `Close ${nameOf(later)}` }).click();
  await expect(page.getByRole('heading', { level: 1, name: nameOf(later) })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Projects: adjustments' })).toContainText('-$10.00');
  await expectPresentable(page, 'statement');
  await page.setViewportSize(wide);

  const checksum = await page.getByLabel('SHA-256').innerText();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download CSV' }).click(),
  ]);
  const file = await readFile(await download.path());
  expect(createHash('sha256').update(file).digest('hex')).toBe(checksum);
  const rows = parseCsv(file.toString('utf8'));
  const usageOf = (dimension: string) =>
    rows
      .filter((row) => row['dimension'] === dimension && row['kind'] === 'usage')
      .reduce((sum, row) => sum + Number(row['cost_usd']), 0);
  const [ledger] = await operatorSql()`select sum(cost_usd)::float8 as usd from public.ai_usage
    where organization_id = ${organizationId} and created_at = ${later}`;
  for (const dimension of ['organization', 'project', 'user', 'tag'])
    expect(usageOf(dimension)).toBeCloseTo(Number(ledger?.['usd']), 9);

  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('button', { name: 'Download CSV' })).toBeHidden();
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeHidden();
  await page.emulateMedia({ media: 'screen' });
  await page.goto(`/${slug}/statements`);
  await expect(page.getByText(/can be closed from/)).toBeVisible();
  await expectPresentable(page, 'statements');
  const [sums] = await operatorSql()`
    select (select sum(total_usd) from public.statements where organization_id = ${organizationId}) =
      (select sum(cost_usd) from public.ai_usage where organization_id = ${organizationId}) as are_equal`;
  expect(sums?.['are_equal']).toBe(true);
});

test('[STATE2] a member finds no statements, neither in the menu nor by their address', async ({
  browser,
}) => {
  const caller = await makeSandboxOrganization();
  await addPastCall(caller, { at: monthAgo(1), costUsd: '1' });
  const { data: statementId } = await caller.owner.db.rpc('close_month', {
    organization_id: caller.organizationId,
    month: `${monthAgo(1).toISOString().slice(0, 7)}-01`,
  });
  const page = await openSignedIn(browser, await addMember(caller.organizationId, caller.owner));
  await page.goto(`/${caller.slug}/statements/${statementId}`);
  await expect(page.getByText('This statement is not there.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Budgets' })).toBeVisible();
  await expect(page.getByRole('navigation').getByRole('link', { name: 'Statements' })).toBeHidden();
});
