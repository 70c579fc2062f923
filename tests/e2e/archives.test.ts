import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { expect } from '@playwright/test';
import { operatorSql } from '../support/database.ts';
import { makeOrganization } from '../support/organization.ts';
import { addOldCalls, monthOf, runArchiveJob } from '../support/old-calls.ts';
import { expectPresentable, wide } from './expect-presentable.ts';
import { slugOf } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

test('[ARCH1] an archived month is loaded as a file and brought back, and its calls are listed again', async ({
  browser,
}) => {
  const organization = await makeOrganization();
  const month = monthOf(10);
  await addOldCalls(organization, month, 12);
  await runArchiveJob();
  const slug = await slugOf(organization.organizationId);
  const page = await openSignedIn(browser, organization.admin);
  await page.goto(`/${slug}/usage`);
  await page.getByRole('link', { name: 'Archives' }).click();
  const row = page.getByRole('table', { name: 'Archives' }).locator('tbody tr');
  await expect(row).toHaveCount(1);
  await expect(row).toContainText('12');
  await row.getByRole('button', { name: /^Actions for/ }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Download' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe(`${slug}-usage-${month.slice(0, 7)}.ndjson.gz`);
  const lines = gunzipSync(await readFile(await download.path()))
    .toString()
    .trimEnd()
    .split('\n');
  expect(lines).toHaveLength(12);

  await row.getByRole('button', { name: /^Actions for/ }).click();
  await page.getByRole('menuitem', { name: 'Restore' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click();
  await expect(row).toContainText(/On Usage until/, { timeout: 20_000 });
  await page.goto(`/${slug}/usage`);
  await expect(page.getByRole('table', { name: 'Calls' }).locator('tbody tr')).toHaveCount(12);
  await page.goto(`/${slug}/archives`);
  await expect(row).toHaveCount(1);
  await expectPresentable(page, 'archives');
});

test('[ARCH2] a plan that shows a week says so where more was kept, and still counts the month', async ({
  browser,
}) => {
  const organization = await makeOrganization();
  const { organizationId, owner } = organization;
  await addOldCalls(organization, monthOf(1), 3);
  await operatorSql()`update public.organizations set plan = 'free' where id = ${organizationId}`;
  const slug = await slugOf(organizationId);
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}`);
  await expect(page.getByRole('note')).toContainText('The Free plan shows 7 days of history.');
  await expect(page.getByRole('heading', { name: 'Last 7 days' })).toBeVisible();
  await expect(page.getByRole('radio', { name: '30 days' })).toBeDisabled();
  await expectPresentable(page, 'overview-free');
  await page.goto(`/${slug}/usage`);
  await expect(page.getByRole('note')).toContainText('The Free plan shows 7 days of history.');
  await expectPresentable(page, 'usage-free');
  await operatorSql()`update public.organizations set plan = 'pro' where id = ${organizationId}`;
  await page.setViewportSize(wide);
  await page.reload();
  await expect(page.getByRole('table', { name: 'Calls' }).locator('tbody tr')).toHaveCount(3);
  await expect(page.getByRole('note')).toContainText('The Pro plan shows 1 year of history.');
});
