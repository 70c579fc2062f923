import { expect } from '@playwright/test';
import { addPastCall } from '../support/add-past-call.ts';
import { operatorSql } from '../support/database.ts';
import { makeOrganization } from '../support/organization.ts';
import { expectPresentable, wide } from './expect-presentable.ts';
import { slugOf } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { test } from './test.ts';

test('[WEEKLY1] a report stands among the alerts that are over, and an admin switches reports off', async ({
  browser,
}) => {
  const organization = await makeOrganization();
  const { organizationId, admin } = organization;
  const slug = await slugOf(organizationId);
  await addPastCall(organization, { at: new Date('2026-11-04T12:00:00Z'), costUsd: '3.25' });
  await operatorSql()`
    select private.write_weekly_report(o, '2026-11-02') from public.organizations o where o.id = ${organizationId}`;
  const page = await openSignedIn(browser, admin);
  await page.goto(`/${slug}/alerts`);
  await expect(page.getByText('Nothing needs anyone’s attention.')).toBeVisible();
  await page.goto(`/${slug}/alerts?state=all`);
  await page.getByText('$3.25 spent from Nov 2 to Nov 8').click();
  const drawer = page.getByRole('dialog', { name: 'Alert' });
  await expect(drawer.getByRole('region', { name: 'Models' })).toContainText('gpt-5-mini');
  await expect(drawer.getByRole('region', { name: 'Told to' })).toContainText(admin.email);
  await expectPresentable(page, 'weekly-report', { isOverlay: true });
  await page.setViewportSize(wide);
  await drawer.getByRole('link', { name: 'See its calls' }).click();
  await expect(page.getByRole('table', { name: 'Calls' }).locator('tbody tr')).toHaveCount(1);

  await page.goto(`/${slug}/settings`);
  const weekly = page.getByRole('switch', { name: 'Weekly report' });
  await expect(weekly).toBeChecked();
  await weekly.click();
  await expect(weekly).not.toBeChecked();
  await page.reload();
  await expect(weekly).not.toBeChecked();
  await expectPresentable(page, 'settings-mail');
});
