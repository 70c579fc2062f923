import { expect } from '@playwright/test';
import { addBudget } from '../support/add-budget.ts';
import { operatorSql } from '../support/database.ts';
import { makeOrganization } from '../support/organization.ts';
import { startReceiver } from '../support/receiver.ts';
import { expectPresentable, wide } from './expect-presentable.ts';
import { callSandbox, makeSandboxOrganization, slugOf } from './make-sandbox-organization.ts';
import { openSignedIn } from './open-signed-in.ts';
import { linkIn, readMail } from './read-mail.ts';
import { test } from './test.ts';

test('[ALRT1] a budget that fills up is told in the menu, the list and a mail, which leads to the cause', async ({
  browser,
}) => {
  const caller = await makeSandboxOrganization();
  const budget = await addBudget(caller, {
    scope: 'project',
    scope_id: caller.projectId,
    limit_usd: 0.00001,
    mode: 'soft',
  });
  const page = await openSignedIn(browser, caller.owner);
  await page.goto(`/${caller.slug}/alerts`);
  await expect(page.getByText('Nothing needs anyone’s attention.')).toBeVisible();
  await callSandbox(caller.proxyKey);
  const badge = page.getByRole('navigation').getByLabel('1 not seen');
  await expect(badge).toBeVisible({ timeout: 40_000 });
  await page
    .getByRole('table', { name: 'Alerts' })
    .getByRole('link', { name: /budget of Project is/ })
    .click();
  const drawer = page.getByRole('dialog', { name: 'Alert' });
  await expect(drawer.getByText(/is spent. It only warns./)).toBeVisible();
  await expect(drawer.getByRole('region', { name: 'Told to' })).toContainText('Delivered', {
    timeout: 30_000,
  });
  await expectPresentable(page, 'alert-drawer', { isOverlay: true });
  await page.setViewportSize(wide);
  await drawer.getByRole('button', { name: 'Mark as seen' }).click();
  await expect(drawer.getByRole('button', { name: 'Mark as seen' })).toHaveCount(0);
  await expect(badge).toHaveCount(0);
  await drawer.getByRole('link', { name: 'Open the budget' }).click();
  await expect(page).toHaveURL(`/${caller.slug}/budgets/${budget}`);

  const mail = await readMail(caller.owner.email, /budget of Project is/);
  await page.goto(linkIn(mail));
  await expect(page.getByRole('dialog', { name: 'Alert' })).toContainText('budget of Project is');
});

test('[ALRT2] a signed webhook is added, shows its secret once, is tested, and tells when nothing arrives', async ({
  browser,
}) => {
  const receiver = await startReceiver();
  const organization = await makeOrganization();
  const slug = await slugOf(organization.organizationId);
  const page = await openSignedIn(browser, organization.admin);
  await page.goto(`/${slug}/alerts/channels`);
  await page.getByRole('button', { name: 'Add channel' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a channel' });
  await dialog.getByRole('combobox', { name: 'By' }).click();
  await page.getByRole('option', { name: 'Signed webhook' }).click();
  await dialog.getByRole('textbox', { name: 'Address' }).fill('https://10.0.0.1/hook');
  await dialog.getByRole('button', { name: 'Add channel' }).click();
  await expect(dialog.getByRole('alert')).toContainText('This address does not lead to the public internet.');
  await dialog.getByRole('textbox', { name: 'Address' }).fill(`${receiver.url}/hook`);
  await dialog.getByRole('button', { name: 'Add channel' }).click();
  await expect(dialog.getByLabel('Signing secret', { exact: true })).toContainText(/^whsec_/);
  await expectPresentable(page, 'alert-channel-secret', { isOverlay: true });
  await page.setViewportSize(wide);
  await dialog.getByRole('button', { name: 'Done' }).click();

  const channels = page.getByRole('table', { name: 'Alert channels' });
  const menu = async (item: string) => {
    await channels.getByRole('button', { name: 'Actions for Signed webhook' }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  await menu('Send a test');
  await expect(page.getByText('The test went to Signed webhook.')).toBeVisible();
  expect(receiver.received).toHaveLength(1);
  await menu('Edit');
  await page.getByRole('checkbox', { name: 'Error rate' }).uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(channels).toContainText('6 of 7');

  // As a day of failures leaves it.
  const { organizationId } = organization;
  await operatorSql().begin(async (sql) => {
    await sql`
      insert into public.alerts (organization_id, kind, severity, subject_type, subject_id, occasion, facts)
      values (${organizationId}, 'key_expiring', 'warning', 'proxy_key', 'k', 'now',
        '{"proxy_key": "CI", "days": 7, "project": "Project"}')`;
    await sql`
      update public.alert_deliveries set status = 'dead', attempts = 30, last_error = 'It answered 500.'
      where organization_id = ${organizationId} and recipient = ''`;
    await sql`
      update public.alert_channels set failing_since = now() - interval '1 day', last_error = 'It answered 500.',
        paused_at = now() where organization_id = ${organizationId} and type = 'webhook'`;
  });
  await page.reload();
  await expect(channels).toContainText('Paused');
  const givenUp = page.getByRole('table', { name: 'Given up' });
  await expect(givenUp).toContainText('The key CI expires within seven days');
  await expectPresentable(page, 'alert-channels-paused');
  await page.setViewportSize(wide);
  await givenUp.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByText('This channel says nothing for now.')).toBeVisible();
  await menu('Resume');
  await expect(channels).not.toContainText('Paused');
  await givenUp.getByRole('button', { name: 'Try again' }).click();
  await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBe(2);
  await expect(givenUp).toHaveCount(0);
  await receiver.close();
});

test('[ALRT3] alerts are filtered by state and kind, and shown page by page', async ({ browser }) => {
  const { organizationId, owner } = await makeOrganization();
  await operatorSql()`delete from public.alert_channels where organization_id = ${organizationId}`;
  await operatorSql()`
    insert into public.alerts (organization_id, kind, severity, subject_type, subject_id, occasion, facts, resolved_at)
    select ${organizationId}, case when n % 2 = 0 then 'error_rate' else 'key_expiring' end, 'warning', 'provider', n, 'now',
      jsonb_build_object('provider', 'Provider ' || n, 'calls', 100, 'errors', 7, 'proxy_key', 'Key ' || n, 'days', 7), now()
    from generate_series(1, 70) n`;
  const page = await openSignedIn(browser, owner);
  await page.goto(`/${await slugOf(organizationId)}/alerts`);
  await expect(page.getByText('Nothing needs anyone’s attention.')).toBeVisible();
  await page.getByRole('combobox', { name: 'State' }).click();
  await page.getByRole('option', { name: 'All' }).click();
  const rows = page.getByRole('table', { name: 'Alerts' }).getByRole('link');
  await expect(rows).toHaveCount(30);
  await page.getByRole('button', { name: 'Show older alerts' }).click();
  await expect(rows).toHaveCount(60);
  await page.getByRole('button', { name: 'Show older alerts' }).click();
  await expect(rows).toHaveCount(70);
  await page.getByRole('combobox', { name: 'Kind' }).click();
  await page.getByRole('option', { name: 'Error rate' }).click();
  await expect(page).toHaveURL(/kind=error_rate/);
  await expect(rows.first()).toContainText('calls to Provider 70 failed');
  await expect(rows).toHaveCount(30);
});
