import { expect, type Page } from '@playwright/test';
import { makeOrganization, mintProxyKey } from '../support/organization.ts';
import { storeProviderKey } from '../support/provider-key.ts';
import { expectPresentable, wide } from './expect-presentable.ts';
import { callSandbox, makeSandboxOrganization, slugOf } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

const limitsIn = (page: Page) => page.getByRole('table', { name: 'Rate limits' });

test('[RLIM1] a key is limited, fills while one looks, is refused, changed, and let through when the limit is lifted', async ({
  browser,
}) => {
  const { proxyKey, owner, slug } = await makeSandboxOrganization();
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/budgets`);
  await page.getByRole('link', { name: 'Rate limits' }).click();
  await expect(page).toHaveURL(`/${slug}/budgets/rate-limits`);
  const limits = limitsIn(page);
  await expect(limits.getByRole('row', { name: 'Sandbox' })).toContainText('0 of 60');
  await createKeyLimit(page, '2');

  const row = limits.getByRole('row', { name: 'Proxy key of Project' });
  const meter = row.getByRole('meter', { name: 'Requests in the last minute' });
  await expect(meter).toHaveAttribute('aria-valuetext', '0 of 2');
  await callSandbox(proxyKey);
  await expect(meter).toHaveAttribute('aria-valuetext', '1 of 2', { timeout: 3_000 });
  await callSandbox(proxyKey);
  await expect(meter).toHaveAttribute('aria-valuetext', '2 of 2', { timeout: 3_000 });
  await expect(callSandbox(proxyKey)).rejects.toMatchObject({
    status: 429,
    message: expect.stringContaining('The proxy key Key is limited to 2 requests a minute.'),
  });

  // One more is let through, and calls at once are limited too.
  await row.getByRole('button', { name: 'Actions for the rate limit of Key' }).click();
  await page.getByRole('menuitem', { name: 'Change limit' }).click();
  const dialog = page.getByRole('dialog', { name: 'Rate limit of Key' });
  await dialog.getByLabel('Requests a minute').fill('3');
  await dialog.getByLabel('Calls at once').fill('1');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(row).toContainText('2 of 3');
  await expect(row).toContainText('0 of 1');
  await callSandbox(proxyKey);
  await expect(callSandbox(proxyKey)).rejects.toMatchObject({ status: 429 });
  await expectPresentable(page, 'rate-limits-full');
  await page.setViewportSize(wide);

  await row.getByRole('button', { name: 'Actions for the rate limit of Key' }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await page.getByRole('button', { name: 'Remove rate limit' }).click();
  await expect(row).toBeHidden();
  await callSandbox(proxyKey);

  await page.goto(`/${slug}/usage?status=refused`);
  await page.getByRole('table', { name: 'Calls' }).getByRole('link').first().click();
  const drawer = page.getByRole('dialog', { name: 'Call' });
  await expect(drawer).toContainText('A rate limit had no room');
  await drawer.getByRole('link', { name: 'See the limits' }).click();
  await expect(limits).toBeVisible();
});

test('[RLIM2] a project, key and credential are limited from their menus, which members see and cannot change', async ({
  browser,
}) => {
  const { organizationId, projectId, owner, admin, member } = await makeOrganization();
  await mintProxyKey(projectId, owner);
  await storeProviderKey(organizationId, owner, 'openai');
  const slug = await slugOf(organizationId);
  const page = await openSignedIn(browser, admin);
  await page.goto(`/${slug}/projects/${projectId}`);
  await limitFromMenu(page, 'Project', { 'Calls at once': '20' });
  await limitFromMenu(page, 'Key', { 'Requests a minute': '30', 'Tokens a minute': '40000' });
  await page.goto(`/${slug}/providers`);
  const credential = page.getByRole('table', { name: 'Credentials' }).getByRole('row').nth(1);
  await expect(credential).toContainText('60 requests a minute');
  const name = await credential.getByRole('cell').first().innerText();
  await limitFromMenu(page, name, { 'Requests a minute': '', 'Tokens a minute': '2500000' });
  await expect(credential).toContainText('2.5 M tokens a minute');
  await expectPresentable(page, 'limited-credential');
  await page.setViewportSize(wide);
  await page.goto(`/${slug}/audit-log?subject=rate_limit`);
  const log = page.getByRole('table', { name: 'Audit log' });
  await expect(log.getByRole('row', { name: 'Rate limit created' }).last()).toContainText('Project');
  await expect(log.getByRole('row', { name: 'Rate limit changed' })).toContainText(name);

  const theirs = await openSignedIn(browser, member);
  await theirs.goto(`/${slug}/budgets/rate-limits`);
  const limits = limitsIn(theirs);
  await expect(limits.getByRole('row', { name: 'Whole organization' })).toContainText('0 of 100');
  await expect(limits.getByRole('row', { name: 'Proxy key of Project' })).toContainText('0 of 40 k');
  await expect(limits.getByRole('row', { name: 'Provider credential' })).toContainText('0 of 2.5 M');
  await expect(theirs.getByText('Owners and admins create and change rate limits.')).toBeVisible();
  await expect(theirs.getByRole('main').getByRole('button')).toHaveCount(0);
  await expectPresentable(theirs, 'member-rate-limits');
});

/** First as someone who leaves out what is needed. */
async function createKeyLimit(page: Page, requestsPerMinute: string): Promise<void> {
  await page.getByRole('button', { name: 'Create rate limit' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create a rate limit' });
  await dialog.getByRole('button', { name: 'Create rate limit' }).click();
  await expect(dialog.getByText('Say which one.')).toBeVisible();
  await expect(dialog.getByText('Limit requests, tokens or calls at once.')).toBeVisible();
  await expectPresentable(page, 'create-rate-limit', { isOverlay: true });
  await page.setViewportSize(wide);
  await dialog.getByRole('combobox', { name: 'Rate limit of' }).click();
  await page.getByRole('option', { name: 'Proxy key' }).click();
  await dialog.getByRole('combobox', { name: 'Proxy key' }).click();
  await page.getByRole('option', { name: 'Key', exact: true }).click();
  await dialog.getByLabel('Requests a minute').fill(requestsPerMinute);
  await dialog.getByRole('button', { name: 'Create rate limit' }).click();
  await expect(dialog).toBeHidden();
}

async function limitFromMenu(page: Page, name: string, fields: Record<string, string>): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click();
  await page.getByRole('menuitem', { name: 'Rate limit' }).click();
  const dialog = page.getByRole('dialog', { name: `Rate limit of ${name}` });
  for (const [label, value] of Object.entries(fields)) await dialog.getByLabel(label).fill(value);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
}
