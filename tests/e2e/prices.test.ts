import { expect } from '@playwright/test';
import { onlySettledCall } from '../support/ledger.ts';
import { makeOrganization } from '../support/organization.ts';
import { expectPresentable, wide } from './expect-presentable.ts';
import { callSandbox, makeSandboxOrganization, slugOf } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

test('[PRCE1] models are compared by what a call of a size costs, and each shows the prices it has had', async ({
  browser,
}) => {
  const { owner, slug } = await makeSandboxOrganization();
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/prices`);
  const models = page.getByRole('table', { name: 'Models' });
  await page.getByLabel('Search models').fill('gpt-4o');
  await page.getByLabel('Input tokens').fill('1000000');
  await page.getByLabel('Of them cached').fill('400000');
  await page.getByLabel('Output tokens').fill('100000');
  const row = models
    .getByRole('row')
    .filter({ has: page.getByRole('link', { name: 'gpt-4o', exact: true }) });
  // 600,000 × 2.5 + 400,000 × 1.25 + 100,000 × 10, per million
  await expect(row).toContainText('$3.00');
  const texts = await models.locator('tbody td:nth-child(6)').allTextContents();
  const costs = texts.map((text) => Number(text.replace('$', '')));
  expect(costs.length).toBeGreaterThan(5);
  expect(costs).toEqual(costs.toSorted((left, right) => left - right));
  await row.getByRole('link').click();
  await expect(page).toHaveURL(`/${slug}/prices/openai/gpt-4o`);
  const drawer = page.getByRole('dialog', { name: 'Price' });
  await expect(drawer.getByRole('region').first()).toContainText('$2.50');
  await expectPresentable(page, 'price-drawer', { isOverlay: true });
  await page.setViewportSize(wide);
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(`/${slug}/prices`);
  await page.getByLabel('Search models').fill('no such model');
  await expect(page.getByText('No model is called that.')).toBeVisible();
});

test('[PRCE2] a discount from the past is set, its difference shown, applied, and the call costs less', async ({
  browser,
}) => {
  const { organizationId, owner, proxyKey, slug } = await makeSandboxOrganization();
  await callSandbox(proxyKey);
  const before = Number((await onlySettledCall(organizationId)).cost_usd);
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/prices`);
  // A short list is looked at sooner.
  await page.getByLabel('Search models').fill('gpt-5-mini');
  await page.getByRole('button', { name: 'Set price' }).click();
  const setting = page.getByRole('dialog', { name: 'Set a price of your own' });
  await setting.getByRole('button', { name: 'Set price' }).click();
  await expect(setting.getByText('Give it a percentage; zero is the list’s price.')).toBeVisible();
  await expectPresentable(page, 'set-price', { isOverlay: true });
  await page.setViewportSize(wide);
  await setting.getByLabel('Off the list’s price').fill('50');
  await setting.getByRole('button', { name: 'From', exact: false }).first().click();
  await page.getByRole('button', { name: /Previous month/ }).click();
  await page.getByRole('button', { name: /^15 / }).click();
  await setting.getByRole('button', { name: 'Set price' }).click();
  await expect(page.getByRole('table', { name: 'Own prices' })).toContainText('50% off the list');
  await expect(page.getByRole('table', { name: 'Models' }).getByText('Own price').first()).toBeVisible();
  await expectPresentable(page, 'prices-own');
  await page.setViewportSize(wide);
  expect(Number((await onlySettledCall(organizationId)).cost_usd)).toBe(before);

  await page.getByRole('button', { name: 'Price again' }).click();
  const again = page.getByRole('dialog', { name: 'Price again' });
  await again.getByRole('button', { name: 'Show the difference' }).click();
  await expect(again.getByRole('table', { name: 'Difference' })).toContainText('gpt-5-mini');
  await expectPresentable(page, 'price-again', { isOverlay: true });
  await page.setViewportSize(wide);
  await again.getByRole('button', { name: 'Apply the difference' }).click();
  await expect(page.getByText('1 call was priced again.')).toBeVisible();
  expect(Number((await onlySettledCall(organizationId)).cost_usd)).toBeCloseTo(before / 2, 9);

  await page.getByRole('button', { name: 'Delete the price of Every model of OpenAI' }).click();
  await page.getByRole('button', { name: 'Delete price' }).click();
  await expect(page.getByRole('table', { name: 'Own prices' })).toHaveCount(0);
});

test('[PRCE3] a member sees prices and sets none', async ({ browser }) => {
  const { organizationId, member } = await makeOrganization();
  const page = await openSignedIn(browser, member);
  await page.goto(`/${await slugOf(organizationId)}/prices`);
  await expect(page.getByRole('table', { name: 'Models' })).toBeVisible();
  for (const name of ['Set price', 'Price again']) {
    await expect(page.getByRole('button', { name })).toHaveCount(0);
  }
});
