import { expect } from '@playwright/test';
import { settledLedger } from '../support/ledger.ts';
import { operatorSql } from '../support/database.ts';
import { expectPresentable, wide } from './expect-presentable.ts';
import { callSandbox, makeSandboxOrganization } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

test('[CACHE1] a key is told to cache, its second call is marked with what it saved, and the cache is emptied', async ({
  browser,
}) => {
  const { organizationId, owner, projectId, proxyKey, slug } = await makeSandboxOrganization();
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/projects/${projectId}`);
  const edit = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Actions for Key' }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
  };
  await edit();
  const form = page.getByRole('dialog', { name: 'Edit key' });
  await expect(form.getByRole('combobox', { name: 'Cache answers for' })).toHaveValue('Not at all');
  await expectPresentable(page, 'key-cache', { isOverlay: true });
  // With the width the table became cards, and the form went with its row.
  await page.setViewportSize(wide);
  await edit();
  await form.getByRole('combobox', { name: 'Cache answers for' }).click();
  await page.getByRole('option', { name: 'An hour' }).click();
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Caches answers for an hour')).toBeVisible();

  await callSandbox(proxyKey);
  await expect
    .poll(
      async () =>
        (await operatorSql()`select from private.cached_answers where project_id = ${projectId}`).count,
    )
    .toBe(1);
  await callSandbox(proxyKey);
  const [paid, cached] = await settledLedger(organizationId);
  expect(cached).toMatchObject({ is_cached: true, saved_usd: paid?.cost_usd });

  await page.goto(`/${slug}/usage`);
  const calls = page.getByRole('table', { name: 'Calls' }).locator('tbody tr');
  await expect(calls).toHaveCount(2);
  await expect(calls.filter({ hasText: 'Cached' })).toHaveCount(1);
  await expectPresentable(page, 'usage-cached');
  await page.setViewportSize(wide);
  await calls.filter({ hasText: 'Cached' }).getByText('Succeeded').click();
  const drawer = page.getByRole('dialog', { name: 'Call' });
  await expect(
    drawer.getByText(/Answered from the cache, as the same call was before\. Saved \$/),
  ).toBeVisible();
  await expectPresentable(page, 'call-cached', { isOverlay: true });
  await page.setViewportSize(wide);

  await page.goto(`/${slug}`);
  await expect(page.getByText(/\$\S+ saved by the cache, 1 call/)).toBeVisible();
  await expectPresentable(page, 'overview-cached');
  await page.setViewportSize(wide);

  await page.goto(`/${slug}/projects/${projectId}`);
  await page.getByRole('button', { name: 'Actions for Project' }).click();
  await page.getByRole('menuitem', { name: 'Empty the cache' }).click();
  await expect(page.getByText('1 cached answer forgotten.')).toBeVisible();
});
