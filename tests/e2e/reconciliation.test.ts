import { randomUUID } from 'node:crypto';
import { expect } from '@playwright/test';
import { storeAdminKey } from '../support/billing-key.ts';
import { keepBooks } from '../support/keep-books.ts';
import { makeOrganization } from '../support/organization.ts';
import { addPastCall } from '../support/past-call.ts';
import { dayAgo } from '../support/reconciliation.ts';
import { expectPresentable, wide } from './expect-presentable.ts';
import { slugOf } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

const day = dayAgo(3);

/** A day of $200 in the ledger, of which OpenAI bills more: a tenth that by-passed the proxy, and web searches. */
async function makeDrift(organizationId: string): Promise<string> {
  const apiKey = `sk-admin-${randomUUID()}`;
  const call = { at: `${day}T12:00:00Z`, inputTokens: 40_000_000, outputTokens: 10_000_000, costUsd: '200' };
  await addPastCall(organizationId, call);
  await keepBooks(apiKey, {
    costs: [
      { day, item: 'gpt-4o-2024-08-06, input', amount: '110' },
      { day, item: 'gpt-4o-2024-08-06, output', amount: '110' },
      { day, item: 'Web search tool calls', amount: '5.5' },
      ...Array.from({ length: 12 }, (_, index) => ({
        day: dayAgo(index + 10),
        item: 'gpt-4o-2024-08-06, input',
        amount: '31.07',
      })),
    ],
    usage: [{ day, model: 'gpt-4o-2024-08-06', requests: 4, fresh: 44_000_000, output: 11_000_000 }],
  });
  return apiKey;
}

test('[RECO1] an admin connects a provider, opens the day with drift and reads why', async ({ browser }) => {
  const { organizationId, owner } = await makeOrganization();
  const slug = await slugOf(organizationId);
  const apiKey = await makeDrift(organizationId);
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${slug}/reconciliation`);
  await expect(page.getByText('compared with the ledger every day.')).toBeVisible();
  await page.getByRole('button', { name: 'Connect provider' }).click();
  const dialog = page.getByRole('dialog', { name: 'Connect a provider’s bills' });
  await dialog.getByLabel('Admin key').fill('short');
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await expect(dialog.getByText('A provider key has at least 8 characters.')).toBeVisible();
  await expectPresentable(page, 'connect-provider', { isOverlay: true });
  await page.setViewportSize(wide);
  await dialog.getByLabel('Admin key').fill(apiKey);
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await expect(page.getByText('OpenAI’s last 30 days were read.')).toBeVisible();

  const days = page.getByRole('table', { name: 'Days' });
  const row = days.getByRole('row').filter({ hasText: 'By-passed the proxy' });
  await expect(row).toContainText('$200.00');
  await expect(row).toContainText('$225.50');
  await expect(row).toContainText('+$25.50 (11%)');
  await expect(row.getByText('Drift')).toBeVisible();
  await expect(days.getByRole('row').filter({ hasText: 'Before the first call' })).toHaveCount(12);
  await expectPresentable(page, 'reconciliation');
  await page.setViewportSize(wide);

  await row.getByRole('link').click();
  await expect(page).toHaveURL(`/${slug}/reconciliation/openai/${day}`);
  const drawer = page.getByRole('dialog', { name: 'Reconciliation' });
  await expect(drawer.getByRole('region', { name: 'gpt-4o' })).toContainText(
    '+$20.00 3 calls by-passed the proxy',
  );
  await expect(drawer.getByRole('region', { name: 'Web search tool calls' })).toContainText(
    '+$5.50 This is not charged',
  );
  await expectPresentable(page, 'reconciliation-drawer', { isOverlay: true });
  await page.setViewportSize(wide);
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(`/${slug}/reconciliation`);

  await page.getByRole('button', { name: 'Change threshold' }).click();
  const threshold = page.getByRole('dialog', { name: 'When drift alarms' });
  await threshold.getByLabel('Dollars a day').fill('26');
  await threshold.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Drift above 1% and $26.00 a day')).toBeVisible();
  await expect(row.getByText('Drift')).toHaveCount(0);

  await page.getByRole('button', { name: 'Actions for OpenAI’s bills' }).click();
  await page.getByRole('menuitem', { name: 'Disconnect' }).click();
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await expect(page.getByText('No provider is connected, so no new days are compared.')).toBeVisible();
  await expect(row).toBeVisible();
});

test('[RECO2] a key that the provider rejects is said to be, and one that waits for events shows its secret once', async ({
  browser,
}) => {
  const { organizationId, owner } = await makeOrganization();
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${await slugOf(organizationId)}/reconciliation`);
  await page.getByRole('button', { name: 'Connect provider' }).click();
  const dialog = page.getByRole('dialog', { name: 'Connect a provider’s bills' });
  await dialog.getByLabel('Admin key').fill('sk-admin-nobody');
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await expect(dialog.getByText('The provider rejects this admin key.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByRole('table', { name: 'Connected providers' })).toContainText(
    'rejects this admin key',
  );

  await page.getByRole('button', { name: 'Connect provider' }).click();
  await dialog.getByText('It sends events').click();
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await expect(dialog.getByLabel('Signing secret', { exact: true })).toContainText('whsec_');
  await expectPresentable(page, 'connect-events', { isOverlay: true });
  await page.setViewportSize(wide);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('table', { name: 'Connected providers' })).toContainText(
    'Waiting for the first event',
  );
});

test('[RECO3] a member reads the same and changes nothing', async ({ browser }) => {
  const { organizationId, owner, member } = await makeOrganization();
  await storeAdminKey(organizationId, owner, 'openai', await makeDrift(organizationId));
  const page = await openSignedIn(browser, member);
  await page.goto(`/${await slugOf(organizationId)}/reconciliation/openai/${day}`);
  await expect(page.getByRole('dialog', { name: 'Reconciliation' })).toContainText('by-passed the proxy');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('table', { name: 'Connected providers' })).toContainText('OpenAI');
  for (const name of ['Connect provider', 'Change threshold', 'Actions for OpenAI’s bills']) {
    await expect(page.getByRole('button', { name })).toHaveCount(0);
  }
});
